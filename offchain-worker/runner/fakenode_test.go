package runner_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
)

// ActiveJobs, Job and Challenge are the market's queries.
func (c *fakeChain) ActiveJobs(context.Context, sdk.AccAddress) ([]markettypes.Job, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var jobs []markettypes.Job
	for _, job := range c.jobs {
		if job.Job.State != markettypes.JOB_STATE_CLOSED && (job.Job.Worker != "" || job.Job.Replicas > 0) {
			jobs = append(jobs, job.Job)
		}
	}
	return jobs, nil
}

func (c *fakeChain) Job(_ context.Context, id uint64) (chain.JobView, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	job, ok := c.jobs[id]
	if !ok {
		return chain.JobView{}, chain.ErrNotFound
	}
	view := chain.JobView{Job: job.Job, Spec: job.Spec}
	if record, of := c.rounds[id]; of {
		view.Replicas = copied(record)
	}
	return view, nil
}

func (c *fakeChain) Challenge(_ context.Context, id uint64) (markettypes.QueryChallengeResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	job := c.jobs[id]
	answer := markettypes.QueryChallengeResponse{Round: job.Job.Round, Seed: job.Job.Seed}
	drawn, err := program.Positions([32]byte(job.Job.Seed), job.Spec.Program, job.Spec.Samples)
	for _, p := range drawn {
		answer.Positions = append(answer.Positions, markettypes.Position{
			Step: p.Step, Row: p.Row, Col: p.Col, Circuit: statement.CircuitID(statement.ClassSmall),
		})
	}
	return answer, err
}

// Relays draws nobody: these jobs have small outputs.
func (c *fakeChain) Relays(context.Context, uint64) (markettypes.RelayRecord, error) {
	return markettypes.RelayRecord{}, nil
}

// Account and Height are what the signer reads.
func (c *fakeChain) Account(context.Context, sdk.AccAddress) (uint64, uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return 1, c.sequence, nil
}

func (c *fakeChain) Height(context.Context) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.height, nil
}

// Simulate, Broadcast and Find are the node's transport.
func (c *fakeChain) Simulate(context.Context, []byte) (uint64, error) { return 100_000, nil }

func (c *fakeChain) Broadcast(_ context.Context, raw []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	hash := hashOf(raw)
	if c.seen[hash] {
		return &chain.Refusal{Codespace: "sdk", Code: 19, Log: "tx already in mempool"}
	}
	tx, sequence, timeout := c.decode(raw)
	if want := c.sequence + uint64(len(c.mempool)); sequence != want {
		return &chain.Refusal{Codespace: "sdk", Code: 32, Log: fmt.Sprintf("account sequence mismatch, expected %d, got %d", want, sequence)}
	}
	if c.height >= timeout {
		return &chain.Refusal{Codespace: "sdk", Code: 30, Log: "tx timeout height"}
	}
	kind := fmt.Sprintf("%T", unwrap(c.t, tx)[0])
	if c.faults.dropFirst && !c.faults.dropped[kind] {
		c.faults.dropped[kind] = true
		c.seen[hash] = true // Gone, and the cache keeps it from coming back.
		return nil
	}
	c.seen[hash] = true
	c.mempool = append(c.mempool, raw)
	if c.faults.loseAnswers && !c.faults.lost[kind] {
		c.faults.lost[kind] = true
		return errors.New("connection reset")
	}
	return nil
}

func (c *fakeChain) Find(_ context.Context, hash string) (chain.Outcome, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	outcome, ok := c.blocks[hash]
	return outcome, ok, nil
}

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}
