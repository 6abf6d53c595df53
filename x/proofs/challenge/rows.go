package challenge

import (
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Rows are the statements of a job whose program is a model: one for each drawn row, in the order drawn. The positions are the
// rows in the last step.
func Rows(t Trace) ([]program.Position, []statement.Row, error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	model, err := program.ModelOf(t.Program, t.Inputs)
	if err != nil {
		return nil, nil, err
	}
	hash, err := model.Hash()
	if err != nil {
		return nil, nil, err
	}
	shapes, err := t.Program.Shapes()
	if err != nil {
		return nil, nil, err
	}
	positions, err := program.RowPositions(t.Seed, t.Program, t.Samples)
	if err != nil {
		return nil, nil, err
	}
	statements := make([]statement.Row, len(positions))
	for i, p := range positions {
		statements[i] = statement.Row{
			Claim: t.Claim, Seed: t.Seed, Index: uint32(i), Model: hash, RootX: t.root(shapes[0].Input), Row: p.Row,
			Steps: make([][tensor.RootSize]byte, len(t.Steps)),
		}
		for j, root := range t.Steps {
			statements[i].Steps[j] = [tensor.RootSize]byte(root)
		}
	}
	return positions, statements, nil
}
