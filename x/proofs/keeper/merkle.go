package keeper

import (
	"bytes"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

// GasPerCompression pays for one hash compression of a commitment, 45 µs: BenchmarkCompression in x/proofs/tensor.
const GasPerCompression = 300

// Merkle are commitments by the Poseidon2 tree of x/proofs/tensor.
type Merkle struct{}

// CheckRoot refuses bytes that are not the canonical encoding of a root, which is the same for every kind of tensor.
func (Merkle) CheckRoot(_ program.TensorKind, root []byte) error {
	if _, err := tensor.ParseRoot(root); err != nil {
		return types.ErrRoot.Wrap(err.Error())
	}
	return nil
}

// Commits tells whether a root is the one that a tensor is committed to under; it takes the gas before it hashes.
func (Merkle) Commits(ctx sdk.Context, t *tensor.Tensor, root []byte) (bool, error) {
	ctx.GasMeter().ConsumeGas(tensor.Compressions(t.Shape)*GasPerCompression, "proofs: commit to a tensor")
	own, err := tensor.Root(t)
	if err != nil {
		return false, types.ErrRoot.Wrap(err.Error())
	}
	return bytes.Equal(tensor.EncodeRoot(own), root), nil
}
