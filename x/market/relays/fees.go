package relays

import "cosmossdk.io/math"

// FeeOf is what every relay gets whose receipt was handed over, for a box of so many bytes: base, and perMiB for every MiB begun. The
// worker gets nothing for a hand-over: whoever earned by being claimed would not deliver before.
func FeeOf(base, perMiB math.Int, bytes uint64) math.Int {
	return base.Add(perMiB.Mul(math.NewIntFromUint64(MiB(bytes))))
}

// MiB rounds bytes up to whole MiB.
func MiB(bytes uint64) uint64 { return (bytes + 1<<20 - 1) >> 20 }
