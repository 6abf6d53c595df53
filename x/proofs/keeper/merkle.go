package keeper

import (
	"bytes"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

// GasPerCompression pays for one hash compression of a commitment, 45 µs: BenchmarkCompression in x/proofs/tensor.
const GasPerCompression = 300

// Merkle are commitments by the Poseidon2 tree of x/proofs/tensor.
type Merkle struct{}

// treeShapes are the shapes of a program's steps, all of whose tensors trees hold.
func treeShapes(work challenge.Work) ([]program.StepShape, error) {
	shapes, err := work.Program.TreeShapes()
	if err != nil {
		return nil, types.ErrStatement.Wrap(err.Error())
	}
	return shapes, nil
}

// CheckRoot refuses bytes that are not the canonical encoding of a root, which is the same for every kind of tensor.
func (Merkle) CheckRoot(_ program.TensorKind, root []byte) error {
	if _, err := tensor.ParseRoot(root); err != nil {
		return types.ErrRoot.Wrap(err.Error())
	}
	return nil
}

// RowMatches tells whether a digest is that of a row of a plain tensor of the shape; it takes the gas before it hashes.
func (Merkle) RowMatches(ctx sdk.Context, shape tensor.Shape, row, digest []byte) (bool, error) {
	ctx.GasMeter().ConsumeGas(tensor.RowCompressions(shape)*GasPerCompression, "proofs: hash a row")
	own, err := tensor.DigestRow(shape, row)
	if err != nil {
		return false, types.ErrRoot.Wrap(err.Error())
	}
	return bytes.Equal(tensor.EncodeRoot(own), digest), nil
}

// NodeMatches tells whether a node of a level, from 1 on, is that over its children; it takes the gas before it hashes. Bytes that encode
// no node are nobody's children.
func (Merkle) NodeMatches(ctx sdk.Context, level int, children [][]byte, node []byte) (bool, error) {
	ctx.GasMeter().ConsumeGas(GasPerCompression, "proofs: hash a node")
	elements := make([]fr.Element, len(children))
	for i, child := range children {
		element, err := tensor.ParseRoot(child)
		if err != nil {
			return false, nil
		}
		elements[i] = element
	}
	own, err := tensor.Node(level, elements)
	if err != nil {
		return false, types.ErrRoot.Wrap(err.Error())
	}
	return bytes.Equal(tensor.EncodeRoot(own), node), nil
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
