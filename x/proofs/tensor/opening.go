package tensor

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
)

// RowOpening shows one row of an int8 tensor under its root.
type RowOpening struct {
	// Values of the row.
	Values []int8
	// Bias and Multiplier of a weight row; 0 otherwise.
	Bias       int32
	Multiplier uint32
	// Path from the row to the root.
	Path Path
}

// OpenRow opens a row of an int8 tensor of which tree is the commitment tree.
func OpenRow(t *Tensor, tree *Tree, row uint32) (*RowOpening, error) {
	if t.Type != program.DATA_TYPE_INT8 {
		return nil, fmt.Errorf("%w: rows are opened in int8 tensors, not in %s", ErrShape, t.Type)
	}
	if t.Folds() != 1 {
		return nil, fmt.Errorf("%w: a row of %d columns is not opened whole, only up to %d", ErrShape, t.Cols, MaxCols)
	}
	path, err := pathOf(t, tree, row)
	if err != nil {
		return nil, err
	}
	opening := &RowOpening{Path: path, Values: t.Int8[row*t.Cols : (row+1)*t.Cols]}
	if t.Kind == program.TENSOR_KIND_WEIGHT {
		opening.Bias, opening.Multiplier = t.Bias[row], t.Multiplier[row]
	}
	return opening, nil
}

// Root recomputes the root that the opening shows row under; kind is that of the opened tensor.
func (o *RowOpening) Root(kind program.TensorKind, row uint32) (fr.Element, error) {
	single := &Tensor{Shape: Shape{kind, program.DATA_TYPE_INT8, 1, uint32(len(o.Values))}, Int8: o.Values}
	if kind == program.TENSOR_KIND_WEIGHT {
		single.Bias, single.Multiplier = []int32{o.Bias}, []uint32{o.Multiplier}
	}
	if err := single.ValidateTree(); err != nil {
		return fr.Element{}, err
	}
	if single.Folds() != 1 {
		return fr.Element{}, fmt.Errorf("%w: a row of %d columns is not opened whole, only up to %d", ErrShape, single.Cols, MaxCols)
	}
	return climb(o.Path, row, single.RowDigest(0))
}

// EntryOpening shows one entry of a plain tensor under its root without the rest of its row.
type EntryOpening struct {
	// Slots are the 16 inputs of the digest of the row, or of the part of it that has the entry.
	Slots [Width]fr.Element
	// Chunk holds the elements of the entry's chunk; all zero when the entry's element is itself a slot.
	Chunk [Width]fr.Element
	// Path from the leaf that has the entry to the root.
	Path Path
}

// OpenEntry opens an entry of a plain tensor of which tree is the commitment tree.
func OpenEntry(t *Tensor, tree *Tree, row, col uint32) (*EntryOpening, error) {
	location, err := Locate(t.Shape, col)
	if err != nil {
		return nil, err
	}
	leaf, _ := t.Leaf(row, col)
	folded := t.Folded()
	path, err := pathOf(folded, tree, leaf)
	if err != nil {
		return nil, err
	}
	opening := &EntryOpening{Slots: folded.rowSlots(leaf), Path: path}
	if !location.Inline {
		elements := folded.rowElements(leaf, LayoutOf(t.Shape).PerElement)
		opening.Chunk = chunkOf(elements, location.Slot-1)
	}
	return opening, nil
}

// Entry recomputes the root that the opening shows the entry (row, col) of a tensor of this shape under, and the entry.
func (o *EntryOpening) Entry(s Shape, row, col uint32) (root fr.Element, value int32, err error) {
	location, err := Locate(s, col)
	if err != nil {
		return root, 0, err
	}
	header := fr.NewElement(LayoutOf(s).Header)
	if !o.Slots[0].Equal(&header) {
		return root, 0, fmt.Errorf("%w: the opened row is not of a %d-column %s tensor", ErrRoot, s.Folded().Cols, s.Type)
	}
	packed := o.Slots[location.Slot]
	if !location.Inline {
		if digest := Compress(o.Chunk); !digest.Equal(&packed) {
			return root, 0, fmt.Errorf("%w: the opened chunk is not the row's", ErrRoot)
		}
		packed = o.Chunk[location.Element]
	}
	if value, err = unpack(packed, s.Type, location.Value); err != nil {
		return root, 0, err
	}
	if row >= s.Rows {
		return root, 0, fmt.Errorf("%w: row %d of %d", ErrPosition, row, s.Rows)
	}
	leaf, _ := s.Leaf(row, col)
	root, err = climb(o.Path, leaf, Compress(o.Slots))
	return root, value, err
}

func unpack(packed fr.Element, typ program.DataType, index uint32) (int32, error) {
	raw := packed.Bytes()
	if raw[0] != 0 {
		return 0, fmt.Errorf("%w: the opened element packs more than 31 bytes", ErrRoot)
	}
	if typ == program.DATA_TYPE_INT8 {
		return int32(raw[fr.Bytes-1-index]) - 128, nil
	}
	end := fr.Bytes - 4*index
	word := uint32(raw[end-4])<<24 | uint32(raw[end-3])<<16 | uint32(raw[end-2])<<8 | uint32(raw[end-1])
	return int32(int64(word) - 1<<31), nil
}

func pathOf(t *Tensor, tree *Tree, row uint32) (Path, error) {
	if row >= t.Rows {
		return Path{}, fmt.Errorf("%w: row %d of %d", ErrPosition, row, t.Rows)
	}
	if len(tree.levels[0]) != int(t.Rows) {
		return Path{}, fmt.Errorf("%w: a tree of %d rows for a tensor of %d", ErrShape, len(tree.levels[0]), t.Rows)
	}
	return tree.Path(row)
}

func climb(path Path, row uint32, leaf fr.Element) (fr.Element, error) {
	root, ok := path.Climb(row, leaf)
	if !ok {
		return root, fmt.Errorf("%w: the path does not hold row %d", ErrRoot, row)
	}
	return root, nil
}
