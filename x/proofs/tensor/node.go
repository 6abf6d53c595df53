package tensor

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
)

// Nodes are a level of the tree that hold rows: level 0 the row digests, level Depth the root alone. The caller must not change them.
func (t *Tree) Nodes(level int) []fr.Element { return t.levels[level] }

// LevelSize is how many nodes a level of a tree over rows, which are those of a folded tensor, has that hold rows.
func LevelSize(rows uint32, level int) uint32 {
	for range level {
		rows = ceilDiv(rows, Width)
	}
	return rows
}

// Node is the node of a level, 1 to Depth, over those of its children that hold rows, 1 to 16 from the left: absent subtrees follow.
func Node(level int, children []fr.Element) (fr.Element, error) {
	if level < 1 || level > Depth {
		return fr.Element{}, fmt.Errorf("%w: level %d not in 1..%d", ErrPosition, level, Depth)
	}
	if n := len(children); n < 1 || n > Width {
		return fr.Element{}, fmt.Errorf("%w: %d children not in 1..%d", ErrShape, n, Width)
	}
	var all [Width]fr.Element
	for i := range all {
		all[i] = emptyNodes[level-1]
	}
	copy(all[:], children)
	return Compress(all), nil
}

// RowBytes is the length of a row of a plain tensor, folded, in its blob.
func RowBytes(s Shape) uint32 {
	s = s.Folded()
	if s.Type == program.DATA_TYPE_INT32 {
		return 4 * s.Cols
	}
	return s.Cols
}

// DigestRow is the leaf of a row of a plain tensor, folded, given as it stands in the blob.
func DigestRow(s Shape, row []byte) (fr.Element, error) {
	if s.Kind != program.TENSOR_KIND_PLAIN {
		return fr.Element{}, fmt.Errorf("%w: single rows are read of plain tensors, not of %s", ErrShape, s.Kind)
	}
	if err := s.ValidateTree(); err != nil {
		return fr.Element{}, err
	}
	s = s.Folded()
	s.Rows = 1
	single, err := DecodeBlob(s, row)
	if err != nil {
		return fr.Element{}, err
	}
	return single.RowDigest(0), nil
}
