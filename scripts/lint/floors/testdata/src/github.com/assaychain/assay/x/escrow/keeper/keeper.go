package keeper

import (
	_ "github.com/assaychain/assay/x/bond/types"   // want `imports its sibling x/bond/types`
	_ "github.com/assaychain/assay/x/market/types" // want `imports upwards x/market/types`
)
