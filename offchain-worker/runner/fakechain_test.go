package runner_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

const (
	chainID    = "assay-test-1"
	blockTime  = 2 * time.Millisecond
	waitBlocks = 3
)

// fakeChain is a chain of one market in memory: a mempool, blocks that come by themselves, sequences, expiry, and the
// job's state machine. What it does with transactions is what a node does; the signer that talks to it is the real one.
type fakeChain struct {
	t        *testing.T
	encoding chain.Encoding
	operator sdk.AccAddress

	mu       sync.Mutex
	height   uint64
	sequence uint64
	mempool  [][]byte
	seen     map[string]bool
	blocks   map[string]chain.Outcome
	jobs     map[uint64]*markettypes.QueryJobResponse
	since    map[uint64]uint64
	// landed counts the transactions in blocks by job, attempt and kind, whether they had an effect or not.
	landed map[string]int
	// rounds are those of jobs that two operators compute.
	rounds map[uint64]*markettypes.ReplicaRecord
	// largest is the most messages that a transaction carried.
	largest int
	faults  faults
	// laterKey is what the customer gives for the delivery after a false one.
	laterKey, laterSecret *[32]byte
}

// faults are what may go wrong between a worker and the chain.
type faults struct {
	// dropFirst loses each first transaction of a kind after the mempool took it.
	dropFirst bool
	// loseAnswers takes each first broadcast of a transaction and answers with an error.
	loseAnswers bool
	// claim makes the customer claim the result.
	claim bool
	// disputes is how often a watcher disputes the result, delivered or not.
	disputes int
	// slowBlocks holds transactions back for some blocks.
	slowBlocks bool
	// oneRound samples all jobs at once, when all are committed.
	oneRound bool
	// replicas has the jobs computed by two operators, of whom the other one is wrong and answers at once; passed has it lead first.
	replicas, passed bool
	// refuseShared makes transactions fail that prove several jobs.
	refuseShared bool
	dropped      map[string]bool
	lost         map[string]bool
}

func newFakeChain(t *testing.T, operator sdk.AccAddress, f faults) *fakeChain {
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	f.dropped, f.lost = make(map[string]bool), make(map[string]bool)
	key, secret, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return &fakeChain{
		t: t, encoding: encoding, operator: operator, height: 1, faults: f, seen: make(map[string]bool),
		blocks: make(map[string]chain.Outcome), jobs: make(map[uint64]*markettypes.QueryJobResponse),
		since: make(map[uint64]uint64), landed: make(map[string]int), rounds: make(map[uint64]*markettypes.ReplicaRecord),
		laterKey: key, laterSecret: secret,
	}
}

// run makes blocks until the context ends.
func (c *fakeChain) run(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(blockTime)
		c.block()
	}
}

func (c *fakeChain) block() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.height++
	if !c.faults.slowBlocks || c.height%5 == 0 {
		for _, raw := range c.mempool {
			c.include(raw)
		}
		c.mempool = nil
	}
	for id, job := range c.jobs {
		c.tick(id, &job.Job)
	}
}

// include applies a transaction, unless its time or its sequence is over.
func (c *fakeChain) include(raw []byte) {
	tx, sequence, timeout := c.decode(raw)
	if sequence != c.sequence || c.height > timeout {
		return
	}
	c.sequence++
	outcome := chain.Outcome{State: chain.TxLanded, Height: int64(c.height)}
	messages := unwrap(c.t, tx)
	c.largest = max(c.largest, len(messages))
	// A transaction has its effect as a whole or none.
	for _, message := range messages {
		if answer, ok := message.(*markettypes.MsgProveResult); ok && len(messages) > 1 &&
			(c.jobs[answer.JobId].Job.State != markettypes.JOB_STATE_SAMPLED || c.faults.refuseShared) {
			outcome.Code, outcome.Log = 1, fmt.Sprintf("job %d: refused together with others", answer.JobId)
			messages = nil
		}
	}
	for _, message := range messages {
		if err := c.apply(message); err != nil {
			outcome.Code, outcome.Log = 1, err.Error()
		}
	}
	c.blocks[hashOf(raw)] = outcome
}

func (c *fakeChain) decode(raw []byte) (sdk.Tx, uint64, uint64) {
	tx, err := c.encoding.TxConfig.TxDecoder()(raw)
	require.NoError(c.t, err)
	signatures, err := tx.(authsigning.SigVerifiableTx).GetSignaturesV2()
	require.NoError(c.t, err)
	return tx, signatures[0].Sequence, tx.(sdk.TxWithTimeoutHeight).GetTimeoutHeight()
}

func unwrap(t *testing.T, tx sdk.Tx) []sdk.Msg {
	exec, ok := tx.GetMsgs()[0].(*authz.MsgExec)
	require.True(t, ok, "the hot key sends only wrapped messages")
	messages, err := exec.GetMessages()
	require.NoError(t, err)
	return messages
}

// apply is the market: each message is good in one state only.
func (c *fakeChain) apply(message sdk.Msg) error {
	if handled, err := c.applyReplica(message); handled {
		return err
	}
	switch m := message.(type) {
	case *markettypes.MsgCommitResult:
		return c.move(m.JobId, "commit", markettypes.JOB_STATE_ASSIGNED, markettypes.JOB_STATE_COMMITTED, func(job *markettypes.Job) {
			job.Commitment, job.Round = m.Commitment, c.height+waitBlocks
		})
	case *markettypes.MsgProveResult:
		return c.move(m.JobId, "prove", markettypes.JOB_STATE_SAMPLED, markettypes.JOB_STATE_VERIFYING, func(job *markettypes.Job) {
			own := program.Claim{ChainID: chainID, JobID: job.Id, Attempt: job.Attempt, Worker: c.operator}
			want, err := program.CommitmentHash(own, m.StepRoots)
			require.NoError(c.t, err)
			require.Equal(c.t, job.Commitment, want[:], "roots open the commitment")
			require.Len(c.t, m.Proofs, int(c.jobs[job.Id].Spec.Samples))
			job.StepRoots = m.StepRoots
		})
	case *markettypes.MsgDeliverResult:
		return c.move(m.JobId, "deliver", markettypes.JOB_STATE_CLAIMED, markettypes.JOB_STATE_DELIVERED, func(job *markettypes.Job) {
			if len(job.DeliveryKey) > 0 {
				_, opens := box.OpenAnonymous(nil, m.Sealed, c.laterKey, c.laterSecret)
				require.True(c.t, opens, "sealed to the key that the customer gave last")
			}
		})
	case *markettypes.MsgAnswerDispute:
		job := &c.jobs[m.JobId].Job
		if job.Dispute == nil || job.Dispute.Number != m.Number {
			return fmt.Errorf("job %d: answer to dispute %d", m.JobId, m.Number)
		}
		return c.move(m.JobId, fmt.Sprint("answer", m.Number), markettypes.JOB_STATE_DISPUTED, markettypes.JOB_STATE_ANSWERED, func(job *markettypes.Job) {
			c.checkAnswer(job, m)
		})
	case *markettypes.MsgReportUnavailable:
		return c.move(m.JobId, "report", markettypes.JOB_STATE_ASSIGNED, markettypes.JOB_STATE_OPEN, func(job *markettypes.Job) { job.Worker = "" })
	default:
		return fmt.Errorf("unexpected %T", message)
	}
}

func (c *fakeChain) move(id uint64, kind string, from, to markettypes.JobState, then func(*markettypes.Job)) error {
	c.landed[fmt.Sprintf("%d/%s", id, kind)]++
	job := &c.jobs[id].Job
	if job.State != from {
		return fmt.Errorf("job %d: %s in state %s", id, kind, job.State)
	}
	then(job)
	c.enter(job, to)
	return nil
}

func (c *fakeChain) enter(job *markettypes.Job, state markettypes.JobState) {
	job.State = state
	c.since[job.Id] = c.height
}

// tick makes the transitions that come by themselves.
func (c *fakeChain) tick(id uint64, job *markettypes.Job) {
	if c.height < c.since[id]+waitBlocks {
		return
	}
	switch job.State {
	case markettypes.JOB_STATE_JUDGING:
		c.agree(job)
	case markettypes.JOB_STATE_COMMITTED:
		if c.faults.oneRound && c.uncommitted() {
			return
		}
		seed := sha256.Sum256([]byte(fmt.Sprint("seed", id)))
		job.Seed = seed[:]
		c.enter(job, markettypes.JOB_STATE_SAMPLED)
	case markettypes.JOB_STATE_VERIFYING:
		c.enter(job, markettypes.JOB_STATE_PROVEN)
	case markettypes.JOB_STATE_ANSWERED:
		state := job.Dispute.Resumes
		job.Dispute = nil
		c.enter(job, state)
	case markettypes.JOB_STATE_CLAIMED:
		if job.Worker == stranger { // It delivers falsely: the customer contests that with another key, and the job is passed on.
			job.Worker, c.rounds[id].Replicas[0].Failure = c.operator.String(), markettypes.FAILURE_REASON_UNDELIVERED
			job.DeliveryKey = c.laterKey[:]
			c.since[id] = c.height
		}
	case markettypes.JOB_STATE_PROVEN:
		if len(job.Disputed) < c.faults.disputes && !c.faults.claim {
			c.dispute(job)
			return
		}
		if c.faults.claim {
			c.enter(job, markettypes.JOB_STATE_CLAIMED)
			return
		}
		job.CloseReason = markettypes.CLOSE_REASON_SETTLED
		c.enter(job, markettypes.JOB_STATE_CLOSED)
	case markettypes.JOB_STATE_DELIVERED:
		if len(job.Disputed) < c.faults.disputes {
			c.dispute(job)
			return
		}
		job.CloseReason = markettypes.CLOSE_REASON_SETTLED
		c.enter(job, markettypes.JOB_STATE_CLOSED)
	}
}

// uncommitted tells whether a job waits for its commitment.
func (c *fakeChain) uncommitted() bool {
	for _, job := range c.jobs {
		if job.Job.State == markettypes.JOB_STATE_ASSIGNED {
			return true
		}
	}
	return false
}

// dispute opens one of the next entry of the first step.
func (c *fakeChain) dispute(job *markettypes.Job) {
	entry := markettypes.Entry{Row: uint32(len(job.Disputed))}
	job.Disputed = append(job.Disputed, entry)
	job.Dispute = &markettypes.Dispute{Entry: entry, Number: uint32(len(job.Disputed)), Resumes: job.State, Challenger: "watcher"}
	c.enter(job, markettypes.JOB_STATE_DISPUTED)
}

// checkAnswer compares an answer with the digest of the disputed entry's statement, which is what attest makes.
func (c *fakeChain) checkAnswer(job *markettypes.Job, answer *markettypes.MsgAnswerDispute) {
	spec := c.jobs[job.Id].Spec
	trace := challenge.Trace{
		Work:  challenge.Work{Program: spec.Program, Samples: spec.Samples},
		Claim: program.Claim{ChainID: chainID, JobID: job.Id, Attempt: job.Attempt, Worker: c.operator},
		Seed:  [32]byte(job.Seed), Steps: job.StepRoots,
	}
	for _, input := range spec.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	trace, err := trace.Dispute(job.Dispute.Number, job.Dispute.Entry.Position())
	require.NoError(c.t, err)
	_, statements, err := challenge.Statements(trace)
	require.NoError(c.t, err)
	digest, err := statements[0].Digest()
	require.NoError(c.t, err)
	require.Equal(c.t, digest[:], answer.Proof)
}

func (c *fakeChain) assign(id uint64, spec markettypes.Spec) {
	c.mu.Lock()
	defer c.mu.Unlock()
	job := markettypes.Job{Id: id, Attempt: 1, Worker: c.operator.String(), Work: spec.Program.Work()}
	if c.faults.replicas {
		c.jobs[id] = c.recruited(job, spec)
		return
	}
	c.jobs[id] = &markettypes.QueryJobResponse{Job: job, Spec: spec}
	c.enter(&c.jobs[id].Job, markettypes.JOB_STATE_ASSIGNED)
}

func (c *fakeChain) job(id uint64) markettypes.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jobs[id].Job
}

func (c *fakeChain) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, job := range c.jobs {
		if job.Job.State != markettypes.JOB_STATE_CLOSED {
			return false
		}
	}
	return true
}
