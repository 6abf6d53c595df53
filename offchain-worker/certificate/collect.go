package certificate

import (
	"context"
	"fmt"

	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Node answers from a chain's blocks and state; CometBFT's RPC clients do.
type Node interface {
	ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error)
	Commit(ctx context.Context, height *int64) (*coretypes.ResultCommit, error)
	Validators(ctx context.Context, height *int64, page, perPage *int) (*coretypes.ResultValidators, error)
}

const (
	// validatorsPerPage is the most that a node lists at a time.
	validatorsPerPage = 100
	// maxStateProofs is how many proofs a node may give for a record before they are not worth reading.
	maxStateProofs = 8
)

// Collect gathers the certificate of a settled job from the node's latest state that a header names, and checks that it
// holds together. Whether the block is the chain's is for Verify to say, under a root of trust. The error wraps ErrNotSettled when that state knows no such settlement.
func Collect(ctx context.Context, node Node, jobID uint64) (*Certificate, error) {
	latest, err := node.Commit(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("latest block: %w", err)
	}
	c := &Certificate{Format: Format, ChainID: latest.ChainID, JobID: jobID, Circuits: []Circuit{}}
	// A header holds the root of the state before its block.
	r := reader{node: node, height: latest.Height - 1}
	job, err := r.job(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := r.round(ctx, c, job); err != nil {
		return nil, err
	}
	if err := r.proofs(ctx, c); err != nil {
		return nil, err
	}
	if err := r.trusted(ctx, c, circuitIDs(job)); err != nil {
		return nil, err
	}
	if c.Block, err = signedBlock(ctx, node, latest); err != nil {
		return nil, err
	}
	return c, consistent(c, latest.Header.Hash())
}

// consistent refuses what a node made up so badly that not even the node's own block vouches for it.
func consistent(c *Certificate, header []byte) error {
	report, err := Verify(c, TrustRoot{ChainID: c.ChainID, HeaderHash: header})
	if err == nil {
		err = report.Err()
	}
	if err != nil {
		return fmt.Errorf("the node's answers do not fit each other: %w", err)
	}
	return nil
}

// reader reads the state at a height.
type reader struct {
	node   Node
	height int64
}

func (r reader) job(ctx context.Context, c *Certificate) (job markettypes.Job, err error) {
	at, err := jobPlace(c.JobID)
	if err != nil {
		return job, err
	}
	if c.Job, err = r.record(ctx, at); err != nil {
		return job, fmt.Errorf("job %d: %w", c.JobID, err)
	}
	if err := job.Unmarshal(c.Job.Value); err != nil {
		return job, fmt.Errorf("job %d: %w", c.JobID, err)
	}
	if job.State != markettypes.JOB_STATE_CLOSED || job.CloseReason != markettypes.CLOSE_REASON_SETTLED {
		return job, fmt.Errorf("job %d: %w: state %s, close reason %s at height %d", c.JobID, ErrNotSettled, job.State, job.CloseReason, r.height)
	}
	if at, err = specPlace(c.JobID); err != nil {
		return job, err
	}
	if c.Spec, err = r.record(ctx, at); err != nil {
		return job, fmt.Errorf("specification of job %d: %w", c.JobID, err)
	}
	return job, nil
}

// round needs no state proof, since the beacon's key verifies it.
func (r reader) round(ctx context.Context, c *Certificate, job markettypes.Job) error {
	at, err := roundPlace(job.Generation, job.Round)
	if err != nil {
		return err
	}
	value, err := r.value(ctx, at)
	if err != nil {
		return fmt.Errorf("beacon round %d: %w", job.Round, err)
	}
	var round beacontypes.Round
	if err := round.Unmarshal(value); err != nil {
		return fmt.Errorf("beacon round %d: %w", job.Round, err)
	}
	c.Round = Round{Number: round.Round, Signature: round.Signature}
	return nil
}

// proofs need no state proof, since the circuits' keys verify them.
func (r reader) proofs(ctx context.Context, c *Certificate) error {
	at, err := proofSetPlace(c.JobID)
	if err != nil {
		return err
	}
	value, err := r.value(ctx, at)
	if err != nil {
		return fmt.Errorf("proofs of job %d: %w", c.JobID, err)
	}
	var set markettypes.ProofSet
	if err := set.Unmarshal(value); err != nil {
		return fmt.Errorf("proofs of job %d: %w", c.JobID, err)
	}
	c.Proofs = set.Proofs
	return nil
}

// trusted reads what the round and the proofs are verified with.
func (r reader) trusted(ctx context.Context, c *Certificate, circuits []string) (err error) {
	for _, id := range circuits {
		at, err := circuitPlace(id)
		if err != nil {
			return err
		}
		record, err := r.record(ctx, at)
		if err != nil {
			return fmt.Errorf("circuit %s: %w", id, err)
		}
		c.Circuits = append(c.Circuits, Circuit{ID: id, Record: record})
	}
	if c.Beacon.Params, err = r.record(ctx, beaconParamsPlace()); err != nil {
		return fmt.Errorf("beacon parameters: %w", err)
	}
	if c.Beacon.Generation, err = r.record(ctx, generationPlace()); err != nil {
		return fmt.Errorf("beacon generation: %w", err)
	}
	return nil
}

func (r reader) value(ctx context.Context, at place) ([]byte, error) {
	record, err := r.query(ctx, at, false)
	return record.Value, err
}

func (r reader) record(ctx context.Context, at place) (Record, error) {
	return r.query(ctx, at, true)
}

func (r reader) query(ctx context.Context, at place, prove bool) (Record, error) {
	options := rpcclient.ABCIQueryOptions{Height: r.height, Prove: prove}
	result, err := r.node.ABCIQueryWithOptions(ctx, "/store/"+at.store+"/key", at.key, options)
	if err != nil {
		return Record{}, fmt.Errorf("ask the node: %w", err)
	}
	response := result.Response
	if response.Code != 0 {
		return Record{}, fmt.Errorf("the node refuses: %s", response.Log)
	}
	if len(response.Value) == 0 {
		return Record{}, fmt.Errorf("not in the state at height %d; it may be pruned", r.height)
	}
	record := Record{Value: response.Value}
	if !prove {
		return record, nil
	}
	if response.ProofOps == nil || len(response.ProofOps.Ops) > maxStateProofs {
		return Record{}, fmt.Errorf("the node gives no proof of its state at height %d", r.height)
	}
	for _, op := range response.ProofOps.Ops {
		record.Proofs = append(record.Proofs, op.Data)
	}
	return record, nil
}

// signedBlock gathers a header, its commit and its validators.
func signedBlock(ctx context.Context, node Node, latest *coretypes.ResultCommit) (Block, error) {
	header, err := latest.Header.ToProto().Marshal()
	if err != nil {
		return Block{}, fmt.Errorf("encode header: %w", err)
	}
	commit, err := latest.Commit.ToProto().Marshal()
	if err != nil {
		return Block{}, fmt.Errorf("encode commit: %w", err)
	}
	height, perPage := latest.Height, validatorsPerPage
	var validators []*cmttypes.Validator
	for page := 1; ; page++ {
		result, err := node.Validators(ctx, &height, &page, &perPage)
		if err != nil {
			return Block{}, fmt.Errorf("validators at height %d: %w", height, err)
		}
		validators = append(validators, result.Validators...)
		if len(result.Validators) == 0 || len(validators) >= min(result.Total, maxValidators) {
			break
		}
	}
	set, err := listed(validators)
	return Block{Header: header, Commit: commit, Validators: set}, err
}
