package app

import (
	_ "github.com/assaychain/assay/offchain-worker/runner" // want `app imports offchain-worker/runner`
	_ "github.com/assaychain/assay/x/bond/keeper"
)
