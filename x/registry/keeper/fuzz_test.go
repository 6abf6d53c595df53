package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// FuzzEndBlock drives two operators' devices by bytes and holds that no block fails, nothing is logged as an error, and the
// books agree after every block.
func FuzzEndBlock(f *testing.F) {
	f.Add([]byte{0, 1, 10, 11, 20, 250, 251, 10, 255, 255, 255})
	f.Add([]byte{1, 2, 3, 250, 251, 151, 152, 153, 251, 151, 161, 162, 91, 251, 163, 253, 151, 152, 255})
	f.Add([]byte{0, 1, 2, 3, 108, 112, 122, 130, 134, 253, 107, 114, 252, 140, 128, 252, 255, 123, 131, 253, 104})
	f.Add([]byte{1, 11, 31, 41, 51, 250, 61, 71, 251, 252, 253, 254, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		x := newFixture(t)
		x.operator(alice, 300)
		x.operator(bob, 300)
		for _, step := range script[:min(len(script), 60)] {
			x.act(step)
		}
		x.block(time.Second)
		require.Empty(t, x.errors.lines)
		require.NoError(t, x.keeper.Invariants(x.ctx))
	})
}

// act does one step of a script: the last digit names device and operator, the rest what happens.
func (f *fixture) act(step byte) {
	n, operator := int(step%10)%4, alice
	if n%2 == 1 {
		operator = bob
	}
	msg := gpu(operator, n, 100)
	msg.Cell = []uint32{0, 522, 523, 648}[n]
	switch action := step / 10; {
	case step >= 250:
		f.block([]time.Duration{0, time.Second, time.Minute, 24 * time.Hour, 8 * 24 * time.Hour, 90 * 24 * time.Hour}[step-250])
		require.NoError(f.t, f.keeper.Invariants(f.ctx))
	case action == 0:
		_ = f.register(msg)
	case action <= 5:
		_ = f.keeper.Observe(f.ctx, deviceID(n), types.Observation{Outcome: types.Outcome(action), TookMs: 1, WindowMs: uint64(step % 3)})
	case action == 6:
		_ = f.retire(operator, n)
	case action == 7:
		_ = f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = step%20 < 10 }))
	case action == 8:
		f.jail(operator)
	case action == 9:
		f.freeIfJailed(operator)
	case action == 10:
		_, _ = f.tell(operator, n, func(m *types.MsgReportTelemetry) { m.Celsius = int32(step%10) * 15 })
	case action == 11:
		_ = f.setPower(operator, n, 0, uint32(step)*0x10101&types.AllHours)
	case action == 12:
		_ = f.budget(operator, uint32(step%10/2)*400)
	case action == 13:
		_ = f.do(func(ctx sdk.Context) error { return f.keeper.Reserve(ctx, deviceID(n)) })
	case action == 14:
		_ = f.do(func(ctx sdk.Context) error { return f.keeper.Unreserve(ctx, deviceID(n)) })
	case action == 15:
		_ = f.report(operator, n, types.RoundTrip{Device: deviceID((n + 1) % 4), Micros: 1_000 * uint32(step)})
	case action == 16:
		_ = f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Cell = uint32(step) }))
	}
}
