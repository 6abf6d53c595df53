package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// offences lists what an operator was punished for, with the records' subjects.
func (f *fixture) offences(operator sdk.AccAddress) map[string]penaltytypes.Offence {
	state, err := f.penalty.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	found := map[string]penaltytypes.Offence{}
	for _, record := range state.Records {
		if record.Operator == operator.String() {
			found[record.Subject] = record.Offence
		}
	}
	return found
}

// checked is a fixture with one proven GPU of alice's that is now drawn.
func checked(t *testing.T) (*fixture, types.SpotCheck) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	f.prove(1)
	return f, f.until(1, types.CHECK_STATE_SEEDED)
}

// TestFirstCheck: a new device takes no work and scores nothing before it has passed a check; passing one makes it proven.
func TestFirstCheck(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	require.Empty(t, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.ErrorIs(t, f.keeper.Reserve(f.ctx, deviceID(1)), types.ErrNoLane)
	require.ErrorIs(t, f.keeper.Rent(f.ctx, deviceID(1)), types.ErrInUse)
	require.NoError(t, f.keeper.Observe(f.ctx, deviceID(1), types.Observation{Outcome: types.OUTCOME_PROVEN}))
	require.Zero(t, f.score(alice), "a result does not prove the class")

	require.Equal(t, types.CHECK_STATE_PENDING, f.check(1).State)
	f.prove(1)
	require.Equal(t, types.CHECK_STATE_PASSED, f.check(1).State)
	require.Equal(t, [][]byte{deviceID(1)}, f.offered(types.DEVICE_CLASS_CONSUMER, 10))
	require.Positive(t, f.score(alice))
	now, err := f.keeper.Now(f.ctx)
	require.NoError(t, err)
	require.Greater(t, f.device(1).ProvenUntil, now)
	require.Empty(t, f.offences(alice))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestMissingTheFirstCheckIsNoOffence: the worker may not run yet. The device is taken off, and is checked again when it is offered.
func TestMissingTheFirstCheckIsNoOffence(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	f.until(1, types.CHECK_STATE_MISSED)
	require.Empty(t, f.offences(alice))
	require.False(t, f.device(1).Available)
	require.True(t, f.device(1).Unproven)
	require.NoError(t, f.update(update(gpu(alice, 1, 10), func(m *types.MsgUpdateDevice) {})))
	f.prove(1)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestSilenceIsPunished: a proven device that doesn't answer loses its proof, and its operator a part of its bond.
func TestSilenceIsPunished(t *testing.T) {
	for name, commits := range map[string]bool{"nothing": false, "a commitment without openings": true} {
		f, check := checked(t)
		require.Positive(t, f.score(alice))
		if commits {
			require.NoError(t, f.commit(check, f.trace(check).Commitment()))
		}
		f.until(1, types.CHECK_STATE_MISSED)
		require.Equal(t, map[string]penaltytypes.Offence{"check/2": penaltytypes.OFFENCE_MISSED_SPOT_CHECK}, f.offences(alice), name)
		require.Zero(t, f.score(alice))
		require.False(t, f.device(1).Available)
		require.True(t, f.device(1).Unproven)
		require.NoError(t, f.keeper.Invariants(f.ctx))
	}
}

// TestDeadline: an answer is in time up to the block whose clock is the deadline, and refused after it.
func TestDeadline(t *testing.T) {
	f, check := checked(t)
	commitment := f.trace(check).Commitment()
	whole := f.ctx
	now, err := f.keeper.Now(whole)
	require.NoError(t, err)
	move := func(past time.Duration) sdk.Context {
		return whole.WithBlockHeight(check.DueBlock + 1).
			WithBlockTime(whole.BlockTime().Add(time.Duration(check.Due-now)*time.Millisecond + past))
	}
	f.ctx = move(time.Millisecond)
	require.ErrorIs(t, f.commit(check, commitment), types.ErrLate)
	// The clock alone is not enough: after a halt of the chain there are still blocks in which to answer.
	f.ctx = move(time.Hour).WithBlockHeight(check.DueBlock)
	cached, _ := f.ctx.CacheContext()
	_, err = f.keeper.CommitSpotCheck(cached, alice, deviceID(1), check.Id, commitment[:])
	require.NoError(t, err)
	f.ctx = move(0)
	require.NoError(t, f.commit(check, commitment))
	f.ctx = whole
	require.ErrorIs(t, f.commit(check, commitment), types.ErrCheckState, "once")
}

// TestAHaltCostsNobodyACheck: the chain stands still for an hour while a device computes.
func TestAHaltCostsNobodyACheck(t *testing.T) {
	f, check := checked(t)
	f.block(time.Hour)
	require.Equal(t, types.CHECK_STATE_SEEDED, f.check(1).State)
	check = f.check(1)
	require.NoError(t, f.commit(check, f.trace(check).Commitment()))
	f.until(1, types.CHECK_STATE_SAMPLED)
	f.block(time.Hour)
	f.answer(1)
	require.Equal(t, types.CHECK_STATE_PASSED, f.check(1).State)
}

// TestABeaconOutageCostsNobodyACheck: without rounds everything waits, and a replaced beacon is waited for anew.
func TestABeaconOutageCostsNobodyACheck(t *testing.T) {
	f, check := checked(t)
	require.NoError(t, f.commit(check, f.trace(check).Commitment()))
	for range 300 {
		f.block(time.Minute)
	}
	require.Equal(t, types.CHECK_STATE_COMMITTED, f.check(1).State)
	round := f.check(1).Round
	params, err := f.beacon.Params(f.ctx)
	require.NoError(t, err)
	params.Chain.GenesisTime--
	require.NoError(t, f.beacon.SetParams(f.ctx, params))
	for range 62 {
		f.block(time.Minute)
	}
	require.NotEqual(t, round, f.check(1).Round)
	f.until(1, types.CHECK_STATE_SAMPLED)
	f.answer(1)
	require.Equal(t, types.CHECK_STATE_PASSED, f.check(1).State)
	draw, err := f.keeper.Draw(f.ctx)
	require.NoError(t, err)
	generation, err := f.beacon.Generation(f.ctx)
	require.NoError(t, err)
	require.Equal(t, generation, draw.Generation, "draws go on")
}

// TestCopiedRoots: another operator's commitment, roots or openings are worth nothing.
func TestCopiedRoots(t *testing.T) {
	f := checkFixture(t)
	f.operator(alice, 1_000)
	f.operator(bob, 1_000)
	require.NoError(t, f.register(gpu(alice, 1, 10)))
	require.NoError(t, f.register(gpu(bob, 2, 10)))
	hers, his := f.until(1, types.CHECK_STATE_SEEDED), f.until(2, types.CHECK_STATE_SEEDED)
	trace := f.trace(hers)
	require.NoError(t, f.commit(hers, trace.Commitment()))
	require.ErrorIs(t, f.do(func(ctx sdk.Context) error {
		_, err := f.keeper.CommitSpotCheck(ctx, bob, hers.Device, hers.Id, his.Seed)
		return err
	}), types.ErrNotOwner)
	require.NoError(t, f.commit(his, trace.Commitment()), "the chain can't see yet that it is copied")
	his = f.until(2, types.CHECK_STATE_SAMPLED)
	opening, err := trace.Open(engine, spotcheck.Hash(his.Challenge))
	require.NoError(t, err)
	_, err = f.open(his, opening)
	require.ErrorIs(t, err, types.ErrOpening)
	_, err = f.open(his, f.opened(his))
	require.ErrorIs(t, err, types.ErrOpening)
	f.until(2, types.CHECK_STATE_MISSED)
}

// TestCopiedProducts: another's roots under one's own commitment open, and convict.
func TestCopiedProducts(t *testing.T) {
	f, check := checked(t)
	other := check
	other.Seed = make([]byte, spotcheck.HashSize)
	trace := f.trace(other)
	require.NoError(t, f.commit(check, spotcheck.Commitment(spotcheck.Hash(check.Seed), trace.Roots())))
	check = f.until(1, types.CHECK_STATE_SAMPLED)
	opening, err := trace.Open(engine, spotcheck.Hash(check.Challenge))
	require.NoError(t, err)
	f.convicts(t, check, opening)
}

// convicts opens what is false and looks at what becomes of the device and its operator.
func (f *fixture) convicts(t *testing.T, check types.SpotCheck, opening spotcheck.Opening) {
	t.Helper()
	state, err := f.open(check, opening)
	require.NoError(t, err)
	require.Equal(t, types.CHECK_STATE_FALSE, state)
	require.Equal(t, penaltytypes.OFFENCE_FALSE_HARDWARE, f.offences(alice)["check/2"])
	require.Zero(t, f.score(alice))
	require.Zero(t, f.device(1).ProvenUntil)
	require.True(t, f.device(1).Unproven)
	require.False(t, f.device(1).Available)
	jailed, err := f.penalty.IsJailed(f.ctx, alice)
	require.NoError(t, err)
	require.True(t, jailed)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// TestSkippedWorkIsConvicted: a product that was not made, all of it or the rows below one half.
func TestSkippedWorkIsConvicted(t *testing.T) {
	for name, skips := range map[string]func(step, row int) bool{
		"a skipped step":              func(step, _ int) bool { return step == 1 },
		"rows that aren't a product":  func(_, row int) bool { return row%2 == 1 },
		"a first step that was saved": func(step, _ int) bool { return step == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			f, check := checked(t)
			step := 0
			lazy := spotcheck.Engine{Multiply: func(rows, size int, a, b []byte, sums []int32) error {
				err := engine.Multiply(rows, size, a, b, sums)
				for r := range rows {
					if skips(step%int(check.Steps), r) {
						clear(sums[r*size : (r+1)*size])
					}
				}
				step++
				return err
			}}
			trace, err := spotcheck.Run(lazy, check.Terms(), spotcheck.Hash(check.Seed))
			require.NoError(t, err)
			require.NoError(t, f.commit(check, trace.Commitment()))
			check = f.until(1, types.CHECK_STATE_SAMPLED)
			f.convicts(t, check, openRows(t, trace, lazyRows(check, skips), check))
		})
	}
}

// lazyRows computes as the lazy device did, for rows that are opened in the order in which they were drawn.
func lazyRows(check types.SpotCheck, skips func(step, row int) bool) spotcheck.Engine {
	positions, step := spotcheck.Positions(spotcheck.Hash(check.Challenge), check.Terms()), 0
	return spotcheck.Engine{Multiply: func(rows, size int, a, b []byte, sums []int32) error {
		err := engine.Multiply(rows, size, a, b, sums)
		for i := range rows {
			if skips(step, int(positions[i].Row)) {
				clear(sums[i*size : (i+1)*size])
			}
		}
		step++
		return err
	}}
}

func openRows(t *testing.T, trace *spotcheck.Trace, e spotcheck.Engine, check types.SpotCheck) spotcheck.Opening {
	opening, err := trace.Open(e, spotcheck.Hash(check.Challenge))
	require.NoError(t, err)
	return opening
}

// TestLyingOpeningsAreRefused: an opening that was changed to look right doesn't fit the commitment, and ends nothing.
func TestLyingOpeningsAreRefused(t *testing.T) {
	f, check := checked(t)
	require.NoError(t, f.commit(check, f.trace(check).Commitment()))
	check = f.until(1, types.CHECK_STATE_SAMPLED)
	for name, lie := range map[string]func(*spotcheck.Opening){
		"a row":          func(o *spotcheck.Opening) { o.Entries[1].Row[0]++ },
		"an entry":       func(o *spotcheck.Opening) { o.Entries[0].Block[0]++ },
		"a root":         func(o *spotcheck.Opening) { o.Roots[0][0]++ },
		"an entry fewer": func(o *spotcheck.Opening) { o.Entries = o.Entries[1:] },
		"no roots":       func(o *spotcheck.Opening) { o.Roots = nil },
	} {
		opening := f.opened(check)
		lie(&opening)
		_, err := f.open(check, opening)
		require.ErrorIs(t, err, types.ErrOpening, name)
	}
	require.Equal(t, types.CHECK_STATE_SAMPLED, f.check(1).State)
	msg := types.NewMsgOpenSpotCheck(check, f.opened(check))
	msg.Roots[0] = msg.Roots[0][1:]
	_, err := f.msgs.OpenSpotCheck(f.ctx, msg)
	require.ErrorIs(t, err, types.ErrField)
	_, err = f.msgs.CommitSpotCheck(f.ctx, &types.MsgCommitSpotCheck{Operator: check.Operator, Device: check.Device, Check: check.Id, Commitment: []byte{1}})
	require.ErrorIs(t, err, types.ErrField)
	f.answer(1)
	require.Equal(t, types.CHECK_STATE_PASSED, f.check(1).State)
}
