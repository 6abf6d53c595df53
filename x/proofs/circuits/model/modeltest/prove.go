package modeltest

import (
	"fmt"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/statement"
)

// Prove proves every row that a trace of the run draws, with keys that hold the network's.
func (r *Run) Prove(keys *setup.Keys, t challenge.Trace) ([][]byte, error) {
	_, key, _, err := keys.LoadModelKeys(statement.ModelCircuitID(r.Network.Hash()))
	if err != nil {
		return nil, err
	}
	system, err := model.Compile(r.Network)
	if err != nil {
		return nil, err
	}
	_, statements, err := challenge.Rows(t)
	if err != nil {
		return nil, err
	}
	proofs := make([][]byte, len(statements))
	for i := range statements {
		o, err := r.Open(statements[i].Row)
		if err != nil {
			return nil, err
		}
		full, err := r.Network.Witness(&statements[i], o)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", statements[i].Row, err)
		}
		if proofs[i], err = key.Prove(system, full); err != nil {
			return nil, err
		}
	}
	return proofs, nil
}
