package keeper_test

import (
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beaconkeeper "github.com/assaychain/assay/x/beacon/keeper"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/registry/spotcheck"
	"github.com/assaychain/assay/x/registry/types"
)

// beaconKey signs the rounds of the tests' beacon.
func beaconKey(t require.TestingT) *devkey.Key {
	key, err := devkey.FromSeed(make([]byte, devkey.SeedSize))
	require.NoError(t, err)
	return key
}

// developmentBeacon has a round a second, known two seconds after it is fixed at the earliest.
func developmentBeacon(t require.TestingT) *beacontypes.GenesisState {
	genesis := beacontypes.DefaultGenesis()
	genesis.Params.Chain = beacontypes.Chain{
		PublicKey: beaconKey(t).PublicKey(), Period: 1, GenesisTime: 1_999_000_000, Scheme: drand.Scheme,
	}
	genesis.Params.MinDelaySeconds = 2
	return genesis
}

// smallChecks are spot checks small enough to be multiplied out by the definition: a draw every ten seconds.
func smallChecks() types.Params {
	params := types.DefaultParams()
	for i := range params.Classes {
		params.Classes[i].CheckSize, params.Classes[i].CheckSteps, params.Classes[i].CheckWindowMs = 64, 3, 10_000
	}
	params.Spot = types.SpotRules{
		Draws: 2, DrawSeconds: 10, MaxSiblings: 8, Samples: 6, OpenWindowMs: 10_000, MinBlocks: 2, MaxExcuses: 1, MaxChecksPerBlock: 20,
	}
	return params
}

// checkFixture has spot checks on.
func checkFixture(t require.TestingT) *fixture {
	f := newFixture(t)
	require.NoError(t, f.keeper.SetParams(f.ctx, smallChecks()))
	return f
}

// relay posts the rounds that are waited for and whose time has come, as the workers of a network do.
func (f *fixture) relay() {
	pending, err := beaconkeeper.NewQueryServer(f.beacon).Pending(f.ctx, &beacontypes.QueryPendingRequest{Pagination: &query.PageRequest{}})
	require.NoError(f.t, err)
	params, err := f.beacon.Params(f.ctx)
	require.NoError(f.t, err)
	for _, request := range pending.Requests {
		at, err := params.Chain.Drand().TimeOf(request.Round)
		require.NoError(f.t, err)
		if at > f.ctx.BlockTime().Unix() {
			continue
		}
		signature, err := beaconKey(f.t).Sign(request.Round)
		require.NoError(f.t, err)
		_, err = f.beacon.PostRound(f.ctx, alice, request.Round, signature)
		require.NoError(f.t, err)
	}
}

// seconds lets blocks of a second go by, with rounds as they come, and calls each block's tasks before it ends.
func (f *fixture) seconds(n int, each ...func()) {
	for range n {
		f.relay()
		for _, task := range each {
			task()
		}
		f.block(time.Second)
	}
}

// check is a device's last check.
func (f *fixture) check(n int) types.SpotCheck {
	check, err := f.keeper.SpotCheck(f.ctx, deviceID(n))
	require.NoError(f.t, err)
	return check
}

// until lets seconds go by until a device's check is in a state.
func (f *fixture) until(n int, state types.CheckState) types.SpotCheck {
	for range 200 {
		if check, err := f.keeper.SpotCheck(f.ctx, deviceID(n)); err == nil && check.State == state {
			return check
		}
		f.seconds(1)
	}
	require.Fail(f.t, "never", "%s; it is %+v", state, f.check(n))
	return types.SpotCheck{}
}

// engine multiplies by the definition.
var engine = spotcheck.Engine{Multiply: func(rows, size int, a, b []byte, sums []int32) error {
	for r := range rows {
		for c := range size {
			sum := int32(0)
			for i := range size {
				sum += int32(int8(a[r*size+i])) * int32(int8(b[c*size+i]))
			}
			sums[r*size+c] = sum
		}
	}
	return nil
}}

// trace computes what a check asks for.
func (f *fixture) trace(check types.SpotCheck) *spotcheck.Trace {
	trace, err := spotcheck.Run(engine, check.Terms(), spotcheck.Hash(check.Seed))
	require.NoError(f.t, err)
	return trace
}

func (f *fixture) commit(check types.SpotCheck, commitment spotcheck.Hash) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.CommitSpotCheck(ctx, &types.MsgCommitSpotCheck{
			Operator: check.Operator, Device: check.Device, Check: check.Id, Commitment: commitment[:],
		})
		return err
	})
}

// opened answers a challenge honestly.
func (f *fixture) opened(check types.SpotCheck) spotcheck.Opening {
	opening, err := f.trace(check).Open(engine, spotcheck.Hash(check.Challenge))
	require.NoError(f.t, err)
	return opening
}

func (f *fixture) open(check types.SpotCheck, opening spotcheck.Opening) (state types.CheckState, err error) {
	err = f.do(func(ctx sdk.Context) error {
		response, err := f.msgs.OpenSpotCheck(ctx, types.NewMsgOpenSpotCheck(check, opening))
		if err == nil {
			state = response.State
		}
		return err
	})
	return state, err
}

// answer does what a device's check waits for.
func (f *fixture) answer(n int) {
	check, err := f.keeper.SpotCheck(f.ctx, deviceID(n))
	if err != nil {
		return
	}
	switch check.State {
	case types.CHECK_STATE_SEEDED:
		require.NoError(f.t, f.commit(check, f.trace(check).Commitment()))
	case types.CHECK_STATE_SAMPLED:
		state, err := f.open(check, f.opened(check))
		require.NoError(f.t, err)
		require.Equal(f.t, types.CHECK_STATE_PASSED, state)
	}
}

// prove lets a device pass a check, so that it counts as proven.
func (f *fixture) prove(devices ...int) {
	var tasks []func()
	for _, n := range devices {
		tasks = append(tasks, func() { f.answer(n) })
	}
	for range 60 {
		f.seconds(1, tasks...)
		done := true
		for _, n := range devices {
			done = done && !f.device(n).Unproven && !f.check(n).Open()
		}
		if done {
			return
		}
	}
	require.Fail(f.t, "not proven in a minute")
}

func (f *fixture) device(n int) types.Device {
	device, err := f.keeper.Device(f.ctx, deviceID(n))
	require.NoError(f.t, err)
	return device
}
