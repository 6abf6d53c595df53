package daemon

import (
	"bytes"
	"context"
	"fmt"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/program"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// whole proves drawn rows through a whole model in zero knowledge.
type whole struct {
	drawn
	prover *prover.Prover
}

var (
	_ runner.Prover  = whole{}
	_ runner.Drawing = whole{}
)

// Positions are the drawn rows.
func (whole) Positions(seed [32]byte, work challenge.Work) ([]program.Position, error) {
	return program.RowPositions(seed, work.Program, work.Samples)
}

// Prove takes the network from the job's own inputs, commits to every output once, opens the rows and proves them.
func (w whole) Prove(ctx context.Context, evidence runner.Evidence) ([][]byte, error) {
	network, err := model.NewNetwork(evidence.Trace.Program, evidence.Inputs)
	if err != nil {
		return nil, err
	}
	_, statements, err := challenge.Rows(evidence.Trace)
	if err != nil {
		return nil, err
	}
	rows, err := openRows(ctx, evidence)
	if err != nil {
		return nil, err
	}
	tasks := make([]prover.RowTask, len(statements))
	for i := range statements {
		openings, err := rows.Open(statements[i].Row)
		if err != nil {
			return nil, fmt.Errorf("draw %d: %w", i, err)
		}
		tasks[i] = prover.RowTask{Statement: &statements[i], Openings: openings}
	}
	return w.prover.ProveRows(ctx, network, tasks)
}

// openRows commits to the input and to every step's output.
func openRows(ctx context.Context, evidence runner.Evidence) (*prover.Rows, error) {
	shapes, err := evidence.Trace.Program.Shapes()
	if err != nil {
		return nil, err
	}
	return prover.CommitRows(ctx, evidence.Inputs[shapes[0].Input.Index], evidence.Outputs)
}

// checkModels tells of a model of the chain that this worker can't prove: while there is one, its devices don't offer the level.
func (d *Daemon) checkModels(circuits []proofstypes.Circuit) error {
	for i := range circuits {
		if !activeModel(&circuits[i]) {
			continue
		}
		if err := checkModel(d.prover, &circuits[i]); err != nil {
			return fmt.Errorf("%s in %s: %w", circuits[i].Id, KeysDir(d.config, d.deps.Home), err)
		}
	}
	return nil
}

// activeModel tells whether jobs may ask for the circuit as a model.
func activeModel(c *proofstypes.Circuit) bool {
	return c.Model != nil && c.Status == proofstypes.CIRCUIT_STATUS_ACTIVE
}

// checkModel refuses a model without a key here, or with another one than the chain's.
func checkModel(keys *prover.Prover, c *proofstypes.Circuit) error {
	id, err := c.Model.Hash()
	if err != nil {
		return err
	}
	hash, err := keys.ModelKeyHash(id)
	if err != nil {
		return err
	}
	if !bytes.Equal(hash[:], c.KeyHash) {
		return fmt.Errorf("the key is %x, the chain's is %x: get the chain's, and add it with assay-worker models add", hash[:8], c.KeyHash)
	}
	return nil
}
