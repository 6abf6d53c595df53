package program

// Folds is how many leaves of a commitment tree a row of so many columns of a plain tensor takes: 1 when a leaf holds it, otherwise as many
// equal parts as the least power of two gives that a leaf holds each. It is 1, 2, 4 or 8 for up to MaxDimension columns. A row that it does
// not divide has no place in a tree: CheckTrees.
func Folds(values DataType, cols uint32) uint32 {
	widest, folds := uint32(MaxCols), uint32(1)
	if values == DATA_TYPE_INT32 {
		widest = MaxCols32
	}
	for uint64(folds)*uint64(widest) < uint64(cols) {
		folds *= 2
	}
	return folds
}

// CheckTrees refuses an invalid program, and one with a tensor that no commitment tree holds, naming the field and the limit: what a step reads has at
// most MaxCols columns, and wider outputs are of as many columns as Folds divides. Levels that commit by trees take no other program.
func (m Program) CheckTrees() error {
	_, err := m.TreeShapes()
	return err
}

// TreeShapes are the shapes of a program's steps, refused as CheckTrees does.
func (m Program) TreeShapes() ([]StepShape, error) {
	r, err := resolve(&m)
	if err != nil {
		return nil, err
	}
	return r.shapes, r.checkTrees()
}

func (r *resolution) checkTrees() error {
	for i := range r.program.Inputs {
		if t := &r.program.Inputs[i]; t.Cols > MaxCols {
			return invalid("inputs[%d].cols is %d, must be at most %d at levels that commit by trees", i, t.Cols, MaxCols)
		}
	}
	for i, shape := range r.shapes {
		if shape.K > MaxInner {
			return invalid("steps[%d].input has %d columns, must have at most %d at levels that commit by trees", i, shape.K, MaxInner)
		}
		if folds := Folds(shape.Output.Type, shape.N); shape.N%folds != 0 {
			return invalid("steps[%d].output has %d columns, which a commitment tree holds in %d equal parts: it must have a multiple of %d",
				i, shape.N, folds, folds)
		}
	}
	return nil
}
