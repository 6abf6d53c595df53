package main

import (
	"context"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/cuda"
	"github.com/assaychain/assay/offchain-worker/machine"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// backends are all ways of this build to compute on accelerators, the fastest first. A card that several reach is served by
// the first of them.
func backends() []machine.Backend {
	return []machine.Backend{
		{Name: "cuda", Chain: registrytypes.BACKEND_CUDA, Open: func(ctx context.Context, _ machine.Site) ([]compute.Accelerator, error) {
			return cuda.Open(ctx, cuda.Options{})
		}},
	}
}
