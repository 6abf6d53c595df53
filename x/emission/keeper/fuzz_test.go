package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/emission/types"
)

// FuzzEpochs ends epochs at any time, with scores, claims and faults of other modules in between: no hook fails, only planted
// faults are logged, and the books agree after every step.
func FuzzEpochs(f *testing.F) {
	f.Add([]byte{10, 200, 21, 200, 200, 30, 31, 250, 200})
	f.Add([]byte{10, 11, 40, 200, 200, 45, 200, 30, 41, 220, 42, 200, 43, 200, 44, 200, 45, 240, 30, 31})
	f.Fuzz(func(t *testing.T, script []byte) {
		params := types.DefaultParams()
		params.ClaimSeconds = 5 * 24 * 3600
		x := newFixtureWith(t, params)
		ops := []sdk.AccAddress{x.operator("a", 0), x.operator("b", 0)}
		for _, step := range script[:min(len(script), 60)] {
			op := ops[step%2]
			switch {
			case step >= 200:
				logged := len(x.errors.lines)
				x.end(time.Duration(step-199) * 5 * time.Hour)
				require.False(t, x.faults.fails == "" && len(x.errors.lines) > logged, "%v", x.errors.lines)
			case step >= 50:
				x.score(op, uint64(step)*1_000)
			case step >= 40:
				x.faults.fails, x.faults.panics = append(calls, "")[step%6], step >= 46
			case step >= 30:
				if _, err := x.claim(op, 0); x.faults.fails == "" {
					require.True(t, err == nil || types.ErrNothing.Is(err), "%v", err)
				}
			case step >= 10:
				x.score(op, uint64(step%2)*100)
			}
			require.NoError(t, x.k.Invariants(x.Ctx))
		}
		x.sound()
	})
}
