package keeper_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// path is a whole life of a job, told by its lines of the state table.
type path struct {
	name string
	// walk takes a fresh market to the job's end.
	walk func(f *fixture) uint64
	// reason it closes for; price and fees that leave its escrow.
	reason types.CloseReason
	paid   int64
	// slash is the offence's rate in basis points of the first worker's 100 ASSAY; 0 for none.
	slash int64
	// lost of the watcher's bonds, reported whether it gets a reporter's share.
	lost     int64
	reported bool
	// relayed is what relays get of what is paid.
	relayed int64
}

// price is what the job costs: the floor, since it is tiny.
const price, unavailableFee, claimFee = 10_000, 1_000, 5_000

func paths() []path { return append(jobPaths(), disputePaths()...) }

func jobPaths() []path {
	return []path{
		{"settled", func(f *fixture) uint64 {
			job := f.proven()
			f.wait(101)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, 0, false, 0},
		{"cancelled", func(f *fixture) uint64 {
			id := f.submit()
			require.NoError(f.T, f.cancelErr(f.customer, id))
			return id
		}, types.CLOSE_REASON_CANCELLED, 0, 0, 0, false, 0},
		{"expired", func(f *fixture) uint64 {
			f.retireAll()
			id := f.submit()
			for range 60 {
				f.block(60)
			}
			return id
		}, types.CLOSE_REASON_EXPIRED, 0, 0, 0, false, 0},
		{"commitments late", func(f *fixture) uint64 {
			job := f.assigned()
			for range 3 {
				f.block(58)
				f.block(5)
			}
			return job.Id
		}, types.CLOSE_REASON_ATTEMPTS_EXHAUSTED, 0, 100, 0, false, 0},
		{"proof late, then settled", func(f *fixture) uint64 {
			job := f.sampled()
			f.wait(76)
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 500, 0, false, 0},
		{"proof invalid, then settled", func(f *fixture) uint64 {
			job := f.sampled()
			msg := f.proveMsg(job, 0)
			msg.Proofs[2] = prove("opening-256", hashOf("another statement"), 0)
			require.NoError(f.T, f.proveErr(msg))
			f.block(5)
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 1_000, 0, false, 0},
		{"inputs unavailable", func(f *fixture) uint64 {
			job := f.assigned()
			require.NoError(f.T, f.reportErr(job, 1))
			f.block(5)
			require.NoError(f.T, f.reportErr(f.requireState(job.Id, types.JOB_STATE_ASSIGNED), 0))
			return job.Id
		}, types.CLOSE_REASON_INPUT_UNAVAILABLE, 2 * unavailableFee, 0, 0, false, 0},
		{"beacon replaced", func(f *fixture) uint64 {
			job := f.committed()
			f.block(5)
			f.replaceBeacon()
			f.wait(keeper.RecheckSeconds)
			job = f.requireState(job.Id, types.JOB_STATE_COMMITTED)
			require.EqualValues(f.T, 1, job.Generation)
			f.block(5)
			f.post(job.Round)
			f.block(5)
			require.NoError(f.T, f.proveErr(f.proveMsg(f.job(job.Id), 9)))
			f.block(5)
			f.wait(101)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, 0, false, 0},
		{"verifier broken", func(f *fixture) uint64 {
			job := f.sampled()
			require.NoError(f.T, f.proveErr(f.proveMsg(job, 0)))
			f.proofs.broken = errors.New("verifier broken")
			f.faults.name = "silence is not asked for"
			for range keeper.MaxDeferrals + 1 {
				f.block(31)
			}
			require.Equal(f.T, types.FAILURE_REASON_UNVERIFIABLE, f.job(job.Id).LastFailure)
			f.proofs.broken, f.faults.name, f.errors.lines = nil, "", nil
			f.finish(job.Id)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price, 0, 0, false, 0},
		{"not delivered", func(f *fixture) uint64 {
			job := f.claimed()
			f.block(51)
			return job.Id
		}, types.CLOSE_REASON_UNDELIVERED, 0, 500, 0, false, 0},
		{"delivered, not contested", func(f *fixture) uint64 {
			job := f.delivered(otherBlob)
			f.block(51)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + claimFee, 0, 0, false, 0},
		{"delivered truly", func(f *fixture) uint64 {
			job := f.delivered(resultBlob)
			genuine, err := f.contest(job.Id, deliverySecret[:])
			require.NoError(f.T, err)
			require.True(f.T, genuine)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + claimFee, 0, 0, false, 0},
		{"delivered falsely", func(f *fixture) uint64 {
			job := f.delivered(otherBlob)
			genuine, err := f.contest(job.Id, deliverySecret[:])
			require.NoError(f.T, err)
			require.False(f.T, genuine)
			return job.Id
		}, types.CLOSE_REASON_FALSE_DELIVERY, 0, 1_000, 0, false, 0},
		{"contested, opened truly", func(f *fixture) uint64 {
			job := f.contested(resultBlob)
			genuine, err := f.answer(job.Worker, job.Id, openingOf(resultBlob))
			require.NoError(f.T, err)
			require.True(f.T, genuine)
			return job.Id
		}, types.CLOSE_REASON_SETTLED, price + claimFee, 0, 0, false, 0},
		{"contested, opened to another value", func(f *fixture) uint64 {
			job := f.contested(otherBlob)
			genuine, err := f.answer(job.Worker, job.Id, openingOf(resultBlob))
			require.NoError(f.T, err)
			require.False(f.T, genuine)
			return job.Id
		}, types.CLOSE_REASON_FALSE_DELIVERY, 0, 1_000, 0, false, 0},
		{"contested, not opened", func(f *fixture) uint64 {
			job := f.contested(otherBlob)
			f.block(51)
			return job.Id
		}, types.CLOSE_REASON_FALSE_DELIVERY, 0, 1_000, 0, false, 0},
	}
}

// TestEveryPathOfTheTable walks every line of the state table and checks on each path, after each block, that the bank's total
// is what it was but for what was burnt, that all books agree, and at the end that nothing is left of the job.
func TestEveryPathOfTheTable(t *testing.T) {
	covered := map[string]int{}
	for _, p := range slices.Concat(paths(), relayedPaths(), replicaPaths(), passedPaths(), auditPaths()) {
		t.Run(p.name, func(t *testing.T) {
			f := newFixture(t)
			workers := f.workers(4)
			before := f.Balance(f.customer)
			id := p.walk(f)
			f.block(1)
			job := f.requireState(id, types.JOB_STATE_CLOSED)
			require.Equal(t, p.reason.String(), job.CloseReason.String())
			f.checkMoney(p, job, before, workers)
			f.checkForgotten(id)
			for line, n := range f.seen.covered {
				covered[line] += n
			}
		})
	}
	for _, transition := range lifecycle.Table() {
		require.Positive(t, covered[line(transition.From, transition.Event)], "no path takes %s %s", transition.From, transition.Event)
	}
}

// checkMoney compares every purse with what the path should cost, to the unit.
func (f *fixture) checkMoney(p path, job types.Job, before math.Int, workers []sdk.AccAddress) {
	f.T.Helper()
	require.EqualValues(f.T, p.paid, job.Paid.Int64())
	require.EqualValues(f.T, assay+f.claims-p.paid, job.Refunded.Int64())
	slashes := int64(0)
	for _, worker := range workers {
		slashes += f.slashed(worker.String()).Int64()
	}
	if p.slash == 0 {
		require.Zero(f.T, slashes)
	} else {
		require.Zero(f.T, slashes%(p.slash*10_000), "slashes of 100 ASSAY")
		require.Positive(f.T, slashes)
	}
	require.EqualValues(f.T, before.Int64()-p.paid, f.Balance(f.customer).Int64(), "customer")
	earned := math.ZeroInt()
	for i := range workers {
		earned = earned.Add(f.Balance(payout("worker " + string(rune('0'+i)))))
	}
	want := p.paid + p.lost/2 - p.relayed
	if p.reason == types.CLOSE_REASON_SETTLED {
		want -= job.Price.Int64() * 3 / 100
	}
	if f.challenger != nil {
		require.EqualValues(f.T, 1_000*assay-p.lost, f.Balance(f.challenger).Int64(), "watcher")
	}
	require.EqualValues(f.T, want, earned.Int64(), "workers, less 2% for the pool and 1% burnt")
	relayed := math.ZeroInt()
	for i := range 4 {
		relayed = relayed.Add(f.Balance(payout(relayName(i))))
	}
	require.EqualValues(f.T, p.relayed, relayed.Int64(), "relays")
	require.True(f.T, f.ModuleBalance("escrow").IsZero())
	require.EqualValues(f.T, slashes, f.ModuleBalance("penalty").Int64(), "what was slashed is held")
	f.Advance(penaltytypes.DefaultParams().AppealWindow())
	f.block(1)
	victim := slashes * int64(penaltytypes.DefaultParams().VictimBps) / 10_000
	require.EqualValues(f.T, before.Int64()-p.paid+victim, f.Balance(f.customer).Int64(), "customer, with its share as the victim")
	if f.challenger != nil {
		share := int64(0)
		if p.reported {
			share = slashes * int64(penaltytypes.DefaultParams().ReporterBps) / 10_000
		}
		require.EqualValues(f.T, 1_000*assay-p.lost+share, f.Balance(f.challenger).Int64(), "watcher, with its share as the reporter")
	}
}

// checkForgotten prunes and checks that the store has no byte left of the job.
func (f *fixture) checkForgotten(id uint64) {
	f.T.Helper()
	f.Advance(1_001 * time.Second)
	f.block(1)
	// What waited is no more among the last two measurements.
	f.Advance(301 * time.Second)
	f.block(1)
	_, err := f.k.Job(f.Ctx, id)
	require.ErrorIs(f.T, err, types.ErrNotFound)
	require.Zero(f.T, f.recordBytes(), "bytes left beside parameters, clock, counters, run times and the snapshot of demand")
}

// recordBytes are the bytes of all records in the market's store but the few that stay; run times are bounded by the classes of work and the catalogue.
func (f *fixture) recordBytes() int {
	f.T.Helper()
	store, left := f.Raw(f.Ctx, types.StoreKey), 0
	for _, span := range [][2]byte{{3, 16}, {17, 24}, {25, 37}, {38, 39}, {40, 64}} {
		iterator := store.Iterator([]byte{span[0]}, []byte{span[1]})
		for ; iterator.Valid(); iterator.Next() {
			left += len(iterator.Key()) + len(iterator.Value())
		}
		require.NoError(f.T, iterator.Close())
	}
	return left
}

// finish takes a job that is assigned anew to its settlement.
func (f *fixture) finish(id uint64) {
	f.T.Helper()
	job := f.requireState(id, types.JOB_STATE_ASSIGNED)
	require.NoError(f.T, f.commitErr(f.commitMsg(job)))
	job = f.requireState(id, types.JOB_STATE_COMMITTED)
	f.block(5)
	f.post(job.Round)
	f.block(5)
	require.NoError(f.T, f.proveErr(f.proveMsg(f.requireState(id, types.JOB_STATE_SAMPLED), 1)))
	f.block(5)
	f.requireState(id, types.JOB_STATE_PROVEN)
	f.wait(101)
}

// wait lets active time pass, in steps that all count.
func (f *fixture) wait(seconds int) {
	f.T.Helper()
	for ; seconds > 0; seconds -= 60 {
		f.block(min(seconds, 60))
	}
	f.block(1)
}

// retireAll takes every device off the market.
func (f *fixture) retireAll() {
	f.T.Helper()
	for i := range 4 {
		require.NoError(f.T, f.registry.Suspend(f.Ctx, banktest.Address("worker "+string(rune('0'+i)))))
	}
}

// replaceBeacon has governance replace the beacon.
func (f *fixture) replaceBeacon() {
	f.T.Helper()
	params, err := f.beacon.Params(f.Ctx)
	require.NoError(f.T, err)
	params.Chain.GenesisTime -= 7
	require.NoError(f.T, f.beacon.SetParams(f.Ctx, params))
}
