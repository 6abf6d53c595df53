package runner

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/relay"
	boxes "github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

func TestNextThroughRelays(t *testing.T) {
	ready := Progress{Assigned: true, Fetched: true, Executed: true, Committed: true, Sampled: true, Proven: true}
	sent := ready
	sent.Intent = &Intent{Purpose: journal.StepHandOverIntent}
	noted := ready
	noted.HandedOver = true
	again := noted
	again.Intent = sent.Intent
	lost := Progress{Assigned: true}
	for name, c := range map[string]struct {
		p     Progress
		state markettypes.JobState
		want  Action
	}{
		"waits for the draw":             {ready, markettypes.JOB_STATE_DRAWING, ActWait},
		"overtaken by another draw":      {sent, markettypes.JOB_STATE_DRAWING, ActResolve},
		"hands over":                     {ready, markettypes.JOB_STATE_RELAYING, ActHandOver},
		"hands over a second time":       {noted, markettypes.JOB_STATE_RELAYING, ActHandOver},
		"finds out":                      {sent, markettypes.JOB_STATE_RELAYING, ActResolve},
		"computes again without journal": {lost, markettypes.JOB_STATE_DRAWING, ActFetch},
		"notes":                          {sent, markettypes.JOB_STATE_HANDED_OVER, ActNoteHandedOver},
		"notes the second":               {again, markettypes.JOB_STATE_HANDED_OVER, ActNoteHandedOver},
		"waits":                          {noted, markettypes.JOB_STATE_HANDED_OVER, ActWait},
	} {
		require.Equal(t, c.want, Next(c.p, Situation{State: c.state, Mine: true}), name)
	}
}

// post is a market, relays, a wallet and a journal around one task.
type post struct {
	Market
	Sender
	record markettypes.RelayRecord
	fails  map[string]bool
	sent   []sdk.Msg
	steps  []journal.Step
	// refuses fails transactions before they are journalled; uploads counts what couriers were asked.
	refuses error
	uploads atomic.Int32
}

func (p *post) Relays(context.Context, uint64) (markettypes.RelayRecord, error) { return p.record, nil }

func (p *post) OnBehalf(messages ...sdk.Msg) sdk.Msg { return messages[0] }

func (p *post) Send(_ context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error) {
	if p.refuses != nil {
		return chain.SignedTx{}, p.refuses
	}
	p.sent = append(p.sent, messages...)
	return chain.SignedTx{}, record(chain.SignedTx{})
}

// Resolve finds that no transaction can land any more.
func (p *post) Resolve(context.Context, chain.SignedTx) (chain.Outcome, error) {
	return chain.Outcome{State: chain.TxDead}, nil
}

func (p *post) Append(_ uint64, _ uint32, step journal.Step, _ any) error {
	p.steps = append(p.steps, step)
	return nil
}

// couriers fail for those relays that are said to.
type couriers struct{ post *post }

func (c couriers) Upload(_ context.Context, s relay.Shipment) (markettypes.RelayReceipt, error) {
	c.post.uploads.Add(1)
	if c.post.fails[s.Relay.Operator] {
		return markettypes.RelayReceipt{}, errors.New("silent")
	}
	return markettypes.RelayReceipt{Operator: s.Relay.Operator, Signature: s.Parcel.Root[:]}, nil
}

// oneBox seals a fixed output.
type oneBox struct {
	Kind
	key []byte
}

func (k oneBox) Policy() markettypes.VerificationPolicy { return markettypes.VERIFICATION_POLICY_PROOF }

func (k oneBox) Box(_ context.Context, a Assignment, _ Trace, sealing Sealing) (*boxes.Sealed, error) {
	purpose := boxes.Purpose{ChainID: a.ChainID, Job: a.Job.Id, Attempt: a.Job.Attempt, Draw: sealing.Draw}
	return boxes.Seal(bytes.NewReader(sealing.Seed), purpose, k.key, [][]byte{{1}, {2}, {3}})
}

// open makes a runner around the post, and the view of a job that three relays were drawn for.
func (p *post) open(t *testing.T) (*Runner, chain.JobView) {
	t.Helper()
	public, _, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	p.record = markettypes.RelayRecord{Draw: 1, Claims: []markettypes.RelayClaim{{
		Threshold: 2, Relays: []markettypes.DrawnRelay{{Operator: "a"}, {Operator: "b"}, {Operator: "c"}},
	}}}
	kinds := &Kinds{}
	require.NoError(t, kinds.Register(oneBox{key: public[:]}))
	kinds.Seal()
	config := Config{
		ChainID: "assay-test-1", Operator: sdk.AccAddress("operator____________"), Lanes: 1, Poll: time.Second, ReportBefore: time.Second,
		FetchTries: 1, Rate: 1, Kinds: kinds, Market: p, Sender: p, Journal: p, Couriers: couriers{p},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	r, err := New(config, nil)
	require.NoError(t, err)
	return r, chain.JobView{
		Job:  markettypes.Job{Id: 7, Attempt: 1, State: markettypes.JOB_STATE_RELAYING},
		Spec: markettypes.Spec{Policy: markettypes.VERIFICATION_POLICY_PROOF, Program: program.Program{}},
	}
}

// TestHandOver journals the sealing before anything leaves, uploads the same box after a restart, keeps receipts, sends those of enough
// relays in their order, and makes another box for another draw.
func TestHandOver(t *testing.T) {
	p := &post{fails: map[string]bool{"b": true, "c": true}}
	r, view := p.open(t)
	first := r.task(key{7, 1})
	moved, err := first.handOver(t.Context(), view)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, []journal.Step{journal.StepBoxed}, p.steps)
	_, err = first.handOver(t.Context(), view)
	require.ErrorContains(t, err, "1 receipts of the 2 needed")
	require.Empty(t, p.sent)

	restarted := &task{runner: r, progress: first.progress, log: first.log}
	p.fails = map[string]bool{"b": true}
	_, err = restarted.handOver(t.Context(), view)
	require.NoError(t, err)
	p.fails = map[string]bool{"a": true, "b": true}
	_, err = first.handOver(t.Context(), view)
	require.NoError(t, err, "the receipt of the first relay is kept")
	require.Len(t, p.sent, 2)
	one, two := p.sent[0].(*markettypes.MsgHandOver), p.sent[1].(*markettypes.MsgHandOver)
	require.Equal(t, one, two, "the same box")
	require.Equal(t, "a", one.Receipts[0].Operator)
	require.Equal(t, "c", one.Receipts[1].Operator)

	p.record.Draw, p.fails = 2, nil
	_, err = first.handOver(t.Context(), view)
	require.NoError(t, err)
	_, err = first.handOver(t.Context(), view)
	require.NoError(t, err)
	last := p.sent[2].(*markettypes.MsgHandOver)
	require.NotEqual(t, one.BoxRoot, last.BoxRoot)
	require.EqualValues(t, 2, last.Draw)
	require.Len(t, last.Receipts, 3)
}

// TestReceiptsAreRenewed: after a hand-over that was refused, or whose transaction can't land any more, every relay is asked again.
func TestReceiptsAreRenewed(t *testing.T) {
	p := &post{refuses: chain.ErrRefused}
	r, view := p.open(t)
	hand := r.task(key{7, 1})
	_, err := hand.handOver(t.Context(), view)
	require.NoError(t, err)
	_, err = hand.handOver(t.Context(), view)
	require.ErrorIs(t, err, chain.ErrRefused)
	require.EqualValues(t, 3, p.uploads.Load())
	p.refuses = nil
	_, err = hand.handOver(t.Context(), view)
	require.NoError(t, err)
	require.EqualValues(t, 6, p.uploads.Load())
	require.NotNil(t, hand.progress.Intent)
	_, err = hand.resolve(t.Context())
	require.NoError(t, err)
	_, err = hand.handOver(t.Context(), view)
	require.NoError(t, err)
	require.EqualValues(t, 9, p.uploads.Load())
}

// TestStopsWaitForDeadlinesThatPunish holds the states that a stop waits for against the state table: those whose deadline punishes the
// worker, and those that lead there without another's doing.
func TestStopsWaitForDeadlinesThatPunish(t *testing.T) {
	soon := map[lifecycle.State]bool{lifecycle.Committed: true, lifecycle.Verifying: true, lifecycle.Drawing: true}
	for _, state := range lifecycle.States() {
		// Of several operators each is punished by itself, without a line of the table.
		punishes := soon[state] || state.IsReplicated()
		for _, line := range lifecycle.Table() {
			// The chain's other offences are proofs that it found false: no presence of the worker helps then.
			deadline := line.By == lifecycle.ByChain && line.Event != lifecycle.Reject && line.Event != lifecycle.Convict &&
				line.Event != lifecycle.PassOn // The same offences, of the same states.
			punishes = punishes || line.From == state && deadline && line.Offence != lifecycle.NoOffence
		}
		require.Equal(t, punishes, urgent(markettypes.JobState(state)), state)
	}
}
