package scheduler

import (
	"math/big"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// 2^log2(x) is x to within 2^-15 of an octave: compared without floats, by the 2^16th power.
func TestLog2(t *testing.T) {
	for x, want := range map[uint64]int64{0: 0, 1: 0, 2: Octave, 3: 103_872, 1 << 40: 40 * Octave, 1<<64 - 1: 64*Octave - 1, 10: 217_705} {
		require.InDelta(t, want, log2(x), 2, x)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Uint64Range(1, 1<<20).Draw(t, "x")
		got := log2(x)
		power := new(big.Int).Exp(new(big.Int).SetUint64(x), big.NewInt(Octave), nil)
		if low := int64(power.BitLen()) - 1; got < low-2 || got > low+1 {
			t.Fatalf("log2(%d) is %d, its power has %d bits", x, got, low)
		}
	})
}

func TestLog2NeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Uint64Range(0, 1<<64-2).Draw(t, "x")
		by := rapid.Uint64Range(1, 1<<20).Draw(t, "by")
		if y := add(x, by); log2(y) < log2(x) {
			t.Fatalf("log2 of %d is %d, of %d only %d", x, log2(x), y, log2(y))
		}
		a, b := math.NewIntFromUint64(x).MulRaw(1_000), math.NewIntFromUint64(x).MulRaw(1_000).AddRaw(int64(by))
		if log2Int(b) < log2Int(a) {
			t.Fatalf("log2 of %s is %d, of %s only %d", a, log2Int(a), b, log2Int(b))
		}
	})
	for i := range octaves[1:] {
		require.Less(t, octaves[i], octaves[i+1])
	}
}

func TestLog2AtTheEdges(t *testing.T) {
	require.Zero(t, log2Int(math.Int{}))
	require.Zero(t, log2Int(math.NewInt(-5)))
	require.EqualValues(t, 200*Octave, log2Int(math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 200))))
	require.Zero(t, ratio(5, 0))
	require.Zero(t, ratio(5, 6))
	require.EqualValues(t, Octave, ratio(10_000, 5_000))
	require.EqualValues(t, ^uint64(0), mul(1<<40, 1<<40))
	require.EqualValues(t, ^uint64(0), add(1<<63, 1<<63))
}
