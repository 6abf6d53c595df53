package relays

import "cosmossdk.io/math"

// Fees are what the answer of one claim earns.
type Fees struct {
	// Worker gets this for a hand-over that isn't shown to be false.
	Worker math.Int
	// Relay is what every relay gets whose receipt was handed over.
	Relay math.Int
}

// FeesOf are the fees for a box of so many bytes: perMiB for each who carries it, per MiB begun, and base for the worker on top.
func FeesOf(base, perMiB math.Int, bytes uint64) Fees {
	carry := perMiB.Mul(math.NewIntFromUint64(MiB(bytes)))
	return Fees{Worker: base.Add(carry), Relay: carry}
}

// MiB rounds bytes up to whole MiB.
func MiB(bytes uint64) uint64 { return (bytes + 1<<20 - 1) >> 20 }

// Locked is what a claim locks for so many relays. What nobody earns comes back.
func (f Fees) Locked(relays uint32) math.Int {
	return f.Worker.Add(f.Relay.MulRaw(int64(relays)))
}
