package tensor

import "github.com/assaychain/assay/x/proofs/program"

// Folds is how many leaves of the commitment tree a row takes: 1, or for a plain row that is wider than a leaf holds 2, 4 or 8 equal parts of
// it. Weights are never folded.
func (s Shape) Folds() uint32 {
	if s.Kind == program.TENSOR_KIND_WEIGHT {
		return 1
	}
	return program.Folds(s.Type, s.Cols)
}

// Folded is the shape as the commitment tree sees it, whose rows are the leaves: the same values in the same order and so the same blob, read
// as Folds times as many rows of a Folds-th of the columns. Folding what is folded changes nothing. The shape must pass ValidateTree.
func (s Shape) Folded() Shape {
	folds := s.Folds()
	s.Rows, s.Cols = s.Rows*folds, s.Cols/folds
	return s
}

// Leaf is where an entry lies in the folded tensor: the leaf's number, and the column in it. The shape must pass ValidateTree and have the entry.
func (s Shape) Leaf(row, col uint32) (leaf, at uint32) {
	folds := s.Folds()
	width := s.Cols / folds
	return row*folds + col/width, col % width
}

// Unfold is the inverse of Leaf: the entry at a column of a leaf.
func (s Shape) Unfold(leaf, at uint32) (row, col uint32) {
	folds := s.Folds()
	return leaf / folds, leaf%folds*(s.Cols/folds) + at
}

// Folded is the tensor as its commitment tree takes it. It shares the values. The shape must pass ValidateTree: columns that are not folded
// evenly would be lost unseen.
func (t *Tensor) Folded() *Tensor {
	if err := t.Shape.ValidateTree(); err != nil {
		panic(err)
	}
	if t.Folds() == 1 {
		return t
	}
	folded := *t
	folded.Shape = t.Shape.Folded()
	return &folded
}
