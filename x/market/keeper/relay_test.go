package keeper_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/market/types"
	proofskeeper "github.com/assaychain/assay/x/proofs/keeper"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// relayedPaths are the lives of a job whose output relays carry.
func relayedPaths() []path {
	const paid = price + 2*relayFee
	return []path{
		{"handed over, not contested", func(f *fixture) uint64 {
			f.relays(4)
			job, _ := f.handedOver(otherBlob, otherBlob)
			f.wait(61)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, paid, 0, 0, false, 2 * relayFee},
		{"handed over falsely", func(f *fixture) uint64 {
			f.relays(4)
			job, sealed := f.handedOver(otherBlob, otherBlob)
			require.NoError(f.T, f.accuseErr(f.accuse(job, sealed, *f.find(job, sealed))))
			return job.Id
		}, types.CLOSE_REASON_FALSE_DELIVERY, 2 * relayFee, 1_000, 0, false, 2 * relayFee},
		{"withheld from two draws", func(f *fixture) uint64 {
			f.relays(4)
			job := f.relaying()
			f.wait(61)
			f.draw(job.Id)
			f.wait(61)
			return job.Id
		}, types.CLOSE_REASON_UNDELIVERED, 0, 500, 0, false, 0},
		{"claimed twice, handed over twice", func(f *fixture) uint64 {
			f.relays(4)
			job, _ := f.handedOver(resultBlob, resultBlob)
			require.NoError(f.T, f.claimRelayedErr(f.customer, job.Id))
			job = f.draw(job.Id)
			require.NoError(f.T, f.handOverErr(f.handOverMsg(job, f.boxOf(job, resultBlob, resultBlob), 3)))
			require.ErrorIs(f.T, f.claimRelayedErr(f.customer, job.Id), types.ErrClaims)
			f.wait(61)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + 5*relayFee, 0, 0, false, 5 * relayFee},
		{"relays gone before they are drawn", func(f *fixture) uint64 {
			f.relays(3)
			job := f.drawing()
			f.declareRelay(relayName(0), "")
			f.declareRelay(relayName(1), "")
			f.draw(job.Id)
			f.requireState(job.Id, types.JOB_STATE_PROVEN)
			f.wait(101)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, 0, false, 0},
		{"relays gone after a missed hand-over", func(f *fixture) uint64 {
			f.relays(2)
			job := f.relaying()
			f.wait(61)
			f.declareRelay(relayName(0), "")
			f.draw(job.Id)
			return job.Id
		}, types.CLOSE_REASON_UNDELIVERED, 0, 0, 0, false, 0},
		{"beacon replaced before the draw", func(f *fixture) uint64 {
			f.relays(2)
			job := f.drawing()
			f.block(5)
			f.replaceBeacon()
			f.wait(keeper.RecheckSeconds)
			require.EqualValues(f.T, 1, f.requireState(job.Id, types.JOB_STATE_DRAWING).RelayGeneration)
			job = f.draw(job.Id)
			require.NoError(f.T, f.handOverErr(f.handOverMsg(job, f.boxOf(job, resultBlob, resultBlob), 2)))
			f.wait(61)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, paid, 0, 0, false, 2 * relayFee},
		{"carried, claimed again in vain, convicted", func(f *fixture) uint64 {
			f.relays(2)
			job, _ := f.handedOver(resultBlob, resultBlob)
			require.NoError(f.T, f.claimRelayedErr(f.customer, job.Id))
			f.declareRelay(relayName(0), "")
			f.draw(job.Id)
			job = f.requireState(job.Id, types.JOB_STATE_PROVEN)
			require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
			f.convict(f.job(job.Id))
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + 2*relayFee, 2_000, 0, true, 2 * relayFee},
	}
}

func TestOutputsTooLargeForTheChainNeedRelays(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	job := f.proven()
	f.refused(types.ErrFewRelays, func(context.Context) error { return f.claimRelayedErr(f.customer, job.Id) })
	f.relays(1)
	err := f.claimRelayedErr(f.customer, job.Id)
	require.ErrorIs(t, err, types.ErrFewRelays)
	require.ErrorContains(t, err, "1 relays are registered: 2 receipts are needed")
}

// A level whose commitments are no trees offers no local faults, and its outputs no relays.
func TestLevelsWithoutLocalFaultsHaveNoRelays(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.relays(3)
	job := f.proven()
	ports := f.ports()
	treeless := struct{ types.ProofSystem }{f.proofs}
	ports.Systems = systemsOf(t, treeless, treeless, treeless)
	plain, err := keeper.NewKeeper(f.Cdc, f.Store(types.StoreKey), f.Authority, ports)
	require.NoError(t, err)
	f.k, f.msgs = plain, keeper.NewMsgServer(plain)
	err = f.claimRelayedErr(f.customer, job.Id)
	require.ErrorIs(t, err, types.ErrTooLarge)
	require.ErrorContains(t, err, "results of the level sampled can't be handed to relays")
}

// TestDrawsTakeWhoMayRelay: neither side, nobody whose payments one side gets, nobody jailed or short of bond, nobody who came after the
// round was fixed; and those who served before come last.
func TestDrawsTakeWhoMayRelay(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.relays(7)
	params := testParams()
	params.RelayMinBond = math.NewInt(100 * assay)
	require.NoError(t, f.k.SetParams(f.Ctx, params))
	_, err := f.bond.Unbond(f.Ctx, banktest.Address(relayName(0)), math.NewInt(assay))
	require.NoError(t, err)
	job := f.proven()
	require.NoError(t, f.claimRelayedErr(f.customer, job.Id))
	f.declareRelay(relayName(1), "")
	f.declareRelay(relayName(2), "")
	f.declareRelay(relayName(1), "https://late.example") // Takes an empty place, too late for this round.
	job = f.draw(job.Id)
	drawn := f.record(job.Id).Last().Operators(false)
	require.Len(t, drawn, 3)
	for _, i := range []int{0, 1, 2} {
		require.NotContains(t, drawn, banktest.Address(relayName(i)).String())
	}
	f.wait(61)
	f.draw(job.Id)
	again := f.record(job.Id).Last().Operators(false)
	require.Len(t, again, 3)
	fresh := 0
	for _, operator := range again {
		if !slices.Contains(drawn, operator) {
			fresh++
		}
	}
	require.Equal(t, 2, fresh, "two others are there, the third had the job before")
	require.Equal(t, drawn, f.record(job.Id).Earlier)
	require.Contains(t, drawn, again[2])
}

// A worker that knows the randomness changes nothing by being paid at a relay's address: it could bar by that whom it doesn't like.
func TestPayoutsDoNotMoveADraw(t *testing.T) {
	drawn := func(payoutOf func(f *fixture, drawn string)) []string {
		f := newFixture(t)
		f.workers(1)
		f.relays(5)
		job := f.drawing()
		payoutOf(f, job.Worker)
		f.draw(job.Id)
		return f.record(job.Id).Last().Operators(false)
	}
	usual := drawn(func(*fixture, string) {})
	require.Len(t, usual, 3)
	for _, relay := range usual {
		require.Equal(t, usual, drawn(func(f *fixture, worker string) {
			_, err := registrykeeper.NewMsgServer(f.registry).UpdateOperator(f.Ctx, &registrytypes.MsgUpdateOperator{
				Operator: worker, Moniker: "worker", Endpoint: "http://127.0.0.1:9000", PayoutAddress: relay,
			})
			require.NoError(f.T, err)
		}))
	}
}

// TestHandOversThatAreRefused changes nothing.
func TestHandOversThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.relays(4)
	job := f.relaying()
	sealed := f.boxOf(job, resultBlob, resultBlob)
	for name, spoil := range map[string]func(m *types.MsgHandOver){
		"too few":        func(m *types.MsgHandOver) { m.Receipts = m.Receipts[:1] },
		"none":           func(m *types.MsgHandOver) { m.Receipts = nil },
		"twice":          func(m *types.MsgHandOver) { m.Receipts[1] = m.Receipts[0] },
		"out of order":   func(m *types.MsgHandOver) { m.Receipts[0], m.Receipts[1] = m.Receipts[1], m.Receipts[0] },
		"too many":       func(m *types.MsgHandOver) { m.Receipts = append(m.Receipts, m.Receipts...) },
		"not drawn":      func(m *types.MsgHandOver) { m.Receipts[0].Operator = job.Worker },
		"another draw":   func(m *types.MsgHandOver) { m.Draw++ },
		"another box":    func(m *types.MsgHandOver) { m.BoxRoot = hashOf("another") },
		"short root":     func(m *types.MsgHandOver) { m.BoxRoot = m.BoxRoot[1:] },
		"low order":      func(m *types.MsgHandOver) { m.EphemeralKey = make([]byte, 32) },
		"no key":         func(m *types.MsgHandOver) { m.EphemeralKey = nil },
		"expiry":         func(m *types.MsgHandOver) { m.Receipts[1].Expires++ },
		"expires early":  func(m *types.MsgHandOver) { m.Receipts[1].Expires = f.Ctx.BlockTime().Unix() },
		"signature":      func(m *types.MsgHandOver) { m.Receipts[1].Signature[5]++ },
		"half signature": func(m *types.MsgHandOver) { m.Receipts[1].Signature = m.Receipts[1].Signature[:32] },
	} {
		t.Run(name, func(t *testing.T) {
			msg := f.handOverMsg(job, sealed, 3)
			spoil(msg)
			f.refused(types.ErrReceipt, func(context.Context) error { return f.handOverErr(msg) })
		})
	}
	stranger := f.handOverMsg(job, sealed, 2)
	stranger.Worker = f.customer.String()
	f.refused(types.ErrNotWorker, func(context.Context) error { return f.handOverErr(stranger) })
	late := f.handOverMsg(job, sealed, 2)
	f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(60 * 1e9))
	require.NoError(t, f.handOverErr(late), "the moment of the deadline is in time")
	require.ErrorIs(t, f.handOverErr(late), types.ErrState, "once")
}

// TestFaultsThatAreRefused: no accusation of an honest box is taken, whatever is shown, and nothing changes.
func TestFaultsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.relays(3)
	job, sealed := f.handedOver(resultBlob, resultBlob)
	require.Nil(t, f.find(job, sealed))
	for _, fault := range []box.Fault{
		{Kind: box.Unopened}, {Kind: box.Unopened, Index: 2}, {Kind: box.Row}, {Kind: box.Row, Index: 1},
		{Kind: box.Node, Level: 1}, {Kind: box.Node, Level: 2}, {Kind: box.Node, Level: 3}, {Kind: box.Node, Level: 4},
	} {
		f.refused(types.ErrFault, func(context.Context) error { return f.accuseErr(f.accuse(job, sealed, fault)) })
	}
	row := box.Fault{Kind: box.Row}
	foreign := f.boxOf(job, otherBlob, otherBlob)
	for name, spoil := range map[string]func(m *types.MsgContestHandOver){
		"another box": func(m *types.MsgContestHandOver) { *m = *f.accuse(job, foreign, row) },
		"changed":     func(m *types.MsgContestHandOver) { m.Chunks[0].Sealed[3]++ },
		"swapped":     func(m *types.MsgContestHandOver) { m.Chunks[0], m.Chunks[1] = m.Chunks[1], m.Chunks[0] },
		"one":         func(m *types.MsgContestHandOver) { m.Chunks = m.Chunks[:1] },
		"none":        func(m *types.MsgContestHandOver) { m.Chunks = nil },
		"kind":        func(m *types.MsgContestHandOver) { m.Fault = 4 },
		"level":       func(m *types.MsgContestHandOver) { m.Level = 1 },
		"index":       func(m *types.MsgContestHandOver) { m.Index = 2 },
		"huge":        func(m *types.MsgContestHandOver) { m.Chunks[0].Sealed = make([]byte, box.MaxChunk+1) },
		"long path":   func(m *types.MsgContestHandOver) { m.Chunks[0].Path = make([][]byte, box.MaxPath+1) },
	} {
		t.Run(name, func(t *testing.T) {
			msg := f.accuse(job, sealed, row)
			spoil(msg)
			f.refused(types.ErrFault, func(context.Context) error { return f.accuseErr(msg) })
		})
	}
	msg := f.accuse(job, sealed, row)
	msg.DeliverySecret = bytes.Repeat([]byte{1}, 32)
	f.refused(types.ErrSecret, func(context.Context) error { return f.accuseErr(msg) })
	msg = f.accuse(job, sealed, row)
	msg.Customer = job.Worker
	f.refused(types.ErrNotCustomer, func(context.Context) error { return f.accuseErr(msg) })
	f.wait(61)
	require.Equal(t, types.CLOSE_REASON_SETTLED, f.job(job.Id).CloseReason)
}

// TestEveryKindOfFalseBoxIsPunished: a box that doesn't open, one with another output, one whose rows or nodes don't belong to the tree.
func TestEveryKindOfFalseBoxIsPunished(t *testing.T) {
	for name, make := range map[string]func(f *fixture, job types.Job) *box.Sealed{
		"other output": func(f *fixture, job types.Job) *box.Sealed { return f.boxOf(job, otherBlob, otherBlob) },
		"other row":    func(f *fixture, job types.Job) *box.Sealed { return f.boxOf(job, otherBlob, resultBlob) },
		"other tree":   func(f *fixture, job types.Job) *box.Sealed { return f.boxOf(job, resultBlob, otherBlob) },
		"garbage": func(f *fixture, job types.Job) *box.Sealed {
			sealed := f.boxOf(job, resultBlob, resultBlob)
			sealed.Chunks[1] = bytes.Repeat([]byte{7}, len(sealed.Chunks[1]))
			return sealed
		},
		"another job's": func(f *fixture, job types.Job) *box.Sealed {
			other := job
			other.Attempt++
			return f.boxOf(other, resultBlob, resultBlob)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.workers(1)
			f.relays(3)
			job := f.relaying()
			sealed := make(f, job)
			require.NoError(t, f.handOverErr(f.handOverMsg(job, sealed, 3)))
			fault := f.find(job, sealed)
			require.NotNil(t, fault)
			require.NoError(t, f.accuseErr(f.accuse(job, sealed, *fault)))
			closed := f.requireState(job.Id, types.JOB_STATE_CLOSED)
			require.Equal(t, types.CLOSE_REASON_FALSE_DELIVERY, closed.CloseReason)
			require.EqualValues(t, 3*relayFee, closed.Paid.Int64(), "the relays did their part")
			f.block(1)
		})
	}
}

// TestAnAccusationPaysForItsWorkFirst: opening before anything is opened, hashing before anything is hashed.
func TestAnAccusationPaysForItsWorkFirst(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.relays(3)
	job, sealed := f.handedOver(resultBlob, resultBlob)
	msg := f.accuse(job, sealed, box.Fault{Kind: box.Row})
	gasOf := func(gas uint64) (used uint64, err error) {
		meter := storetypes.NewGasMeter(gas)
		cached, _ := f.Ctx.WithGasMeter(meter).WithKVGasConfig(storetypes.GasConfig{}).CacheContext()
		_, err = f.msgs.ContestHandOver(cached, msg)
		return meter.GasConsumed(), err
	}
	opening := msg.Gas()
	require.Panics(t, func() { _, _ = gasOf(opening - 1) })
	hashing := opening + proofskeeper.GasPerCompression
	require.Panics(t, func() { _, _ = gasOf(hashing - 1) })
	used, err := gasOf(hashing)
	require.ErrorIs(t, err, types.ErrFault)
	require.Equal(t, hashing, used)
}

// TestOutagesExtendDraws: a job waits for the round of its relays as long as it takes, and nobody loses by it.
func TestOutagesExtendDraws(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	f.relays(3)
	job := f.drawing()
	f.wait(3 * keeper.RecheckSeconds)
	waiting := f.requireState(job.Id, types.JOB_STATE_DRAWING)
	require.Equal(t, job.RelayRound, waiting.RelayRound)
	f.post(job.RelayRound)
	f.block(1)
	f.requireState(job.Id, types.JOB_STATE_RELAYING)
}

// TestRelayedJobsSurviveExportAndImport in each of their states.
func TestRelayedJobsSurviveExportAndImport(t *testing.T) {
	f := newFixture(t)
	f.workers(2)
	f.relays(3)
	exported := func() {
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		require.NoError(t, state.Validate())
		text := f.Cdc.MustMarshalJSON(state)
		var back types.GenesisState
		require.NoError(t, f.Cdc.UnmarshalJSON(text, &back))
		require.NoError(t, back.Validate())
		require.Equal(t, text, f.Cdc.MustMarshalJSON(&back))
		for name, spoil := range map[string]func(*types.JobEntry){
			"no record":  func(e *types.JobEntry) { e.Relays = nil },
			"claims":     func(e *types.JobEntry) { e.Job.RelayClaims++ },
			"fee":        func(e *types.JobEntry) { e.Job.ClaimFee = e.Job.ClaimFee.AddRaw(1) },
			"draw":       func(e *types.JobEntry) { e.Relays.Draw = 5 },
			"round":      func(e *types.JobEntry) { e.Job.RelayRound = 1 - min(1, e.Job.RelayRound) },
			"threshold":  func(e *types.JobEntry) { e.Relays.Last().Threshold = 4 },
			"locked":     func(e *types.JobEntry) { e.Relays.Last().Locked = math.NewInt(1) },
			"proven":     func(e *types.JobEntry) { e.Job.State = types.JOB_STATE_CLAIMED },
			"no fee":     func(e *types.JobEntry) { e.Relays.Last().RelayFee = math.Int{} },
			"many":       func(e *types.JobEntry) { e.Relays.Last().Relays = make([]types.DrawnRelay, 4) },
			"early":      func(e *types.JobEntry) { e.Relays.Earlier = []string{"x"} },
			"half a box": func(e *types.JobEntry) { e.Relays.Last().BoxRoot = []byte{1} },
		} {
			var spoilt types.GenesisState
			require.NoError(t, f.Cdc.UnmarshalJSON(text, &spoilt))
			spoil(&spoilt.Jobs[0])
			require.Error(t, spoilt.Validate(), "%s while %s", name, spoilt.Jobs[0].Job.State)
		}
	}
	job := f.drawing()
	exported()
	job = f.draw(job.Id)
	exported()
	require.NoError(t, f.handOverErr(f.handOverMsg(job, f.boxOf(job, resultBlob, resultBlob), 2)))
	exported()
	require.NoError(t, f.claimRelayedErr(f.customer, job.Id))
	exported()
}

// BenchmarkDrawRelays draws among as many relays as are looked at, of which three may: what GasPerRelayClaim pays for, twice.
func BenchmarkDrawRelays(b *testing.B) {
	f := newFixture(b)
	f.workers(1)
	for _, relay := range f.relays(relays.MaxTries)[3:] {
		_, err := f.bond.Unbond(f.Ctx, relay, math.NewInt(assay))
		require.NoError(b, err)
	}
	params := testParams()
	params.RelayMinBond = math.NewInt(100 * assay)
	require.NoError(b, f.k.SetParams(f.Ctx, params))
	id := f.drawing().Id
	f.block(5)
	f.post(f.job(id).RelayRound)
	require.NoError(b, f.beacon.EndBlock(f.Ctx))
	b.ResetTimer()
	for range b.N {
		cached, _ := f.Ctx.CacheContext()
		if err := f.k.EndBlock(sdk.UnwrapSDKContext(cached)); err != nil {
			b.Fatal(err)
		}
	}
}
