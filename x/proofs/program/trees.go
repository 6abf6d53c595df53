package program

// CheckTrees refuses an invalid program, and one with a tensor that no commitment tree holds, naming the field and the limit: more than MaxRows
// rows, or a row wider than MaxCols, of int32 values MaxCols32. Levels that commit by trees take no such program.
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
		field, t := place{"inputs", i, ""}, &r.program.Inputs[i]
		if t.Rows > MaxRows {
			return invalid("%s.rows is %d, must be at most %d at levels that commit by trees", field, t.Rows, MaxRows)
		}
		if t.Cols > MaxCols {
			return invalid("%s.cols is %d, must be at most %d at levels that commit by trees", field, t.Cols, MaxCols)
		}
	}
	for i, shape := range r.shapes {
		if err := checkSums(place{"steps", i, ""}, shape.Output.Type, shape.N); err != nil {
			return err
		}
	}
	return nil
}

// checkSums refuses int32 rows that no tree holds.
func checkSums(field place, output DataType, cols uint32) error {
	if output == DATA_TYPE_INT32 && cols > MaxCols32 {
		return invalid("%s.output has %d columns, must have at most %d for int32 output at levels that commit by trees", field, cols, MaxCols32)
	}
	return nil
}
