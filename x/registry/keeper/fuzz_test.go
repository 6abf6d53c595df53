package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/registry/types"
)

// FuzzEndBlock drives two operators' devices by bytes and holds that no block fails, nothing is logged as an error, and the
// books agree after every block.
func FuzzEndBlock(f *testing.F) {
	f.Add([]byte{0, 1, 10, 11, 20, 250, 251, 10, 255, 255, 255})
	f.Add([]byte{1, 2, 3, 250, 251, 101, 102, 103, 251, 101, 111, 112, 91, 251, 113, 253, 101, 102, 255})
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
		_ = f.keeper.Observe(f.ctx, deviceID(n), types.Outcome(action))
	case action == 6:
		_ = f.retire(operator, n)
	case action == 7:
		_ = f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Available = step%20 < 10 }))
	case action == 8:
		f.jail(operator)
	case action == 10:
		_ = f.report(operator, n, types.RoundTrip{Device: deviceID((n + 1) % 4), Micros: 1_000 * uint32(step)})
	case action == 11:
		_ = f.update(update(msg, func(m *types.MsgUpdateDevice) { m.Cell = uint32(step) }))
	case action == 9:
		f.freeIfJailed(operator)
	}
}
