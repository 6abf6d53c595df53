package keeper

import (
	_ "github.com/assaychain/assay/x/bond/types"
	_ "github.com/consensys/gnark/backend/groth16" // want `x/bond/keeper imports github.com/consensys/gnark/backend/groth16`
)
