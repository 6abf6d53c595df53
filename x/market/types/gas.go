package types

// Gas is charged before the work it pays for. The scale is the SDK's: a secp256k1 signature, 0.19 ms on the reference
// machine, is 1,000 gas, so that a millisecond is about 5,300.
const (
	// GasPerJob pays for finding a device for a job, however often it is tried: BenchmarkSchedule.
	GasPerJob = 50_000
	// GasPerPool pays for reading the operators of a job's pool, at most 256, at some twenty tries: BenchmarkPoolRead says 0.2 ms each.
	GasPerPool = 20_000
	// GasPerInput pays for checking a root and its locators.
	GasPerInput = 500
	// GasPerStep pays for finding a step's circuit and for its share of the commitment.
	GasPerStep = 500
	// GasPerSealedByte pays for opening one byte of a sealed output.
	GasPerSealedByte = 1
	// GasPerKeyExchange pays for one X25519 operation.
	GasPerKeyExchange = 500
	// GasPerDispute pays for drawing the positions again, and for what the hook does of a dispute that nobody answers.
	GasPerDispute = 50_000
	// GasPerReplicaStep pays for one step of one of several operators whoever is the last, and for what the hook does when one is silent:
	// some ten reads and writes of the store.
	GasPerReplicaStep = 40_000
	// GasPerRoundByte pays for writing a byte of the record of all operators, as the store does.
	GasPerRoundByte = 30
	// BytesPerReplica is what that record holds of each beside its roots.
	BytesPerReplica = 250
	// GasPerRelayClaim pays for two draws of relays and two looks at deadlines, which no gas meter sees: BenchmarkDrawRelays.
	GasPerRelayClaim = 50_000
	// GasPerRelayPayment pays for what the hook sends to one relay at the end, a bank transfer by itself: a tenth of a millisecond or two.
	GasPerRelayPayment = 1_000
	// GasPerReceipt pays for checking a relay's signature, ed25519.
	GasPerReceipt = 1_000
	// GasPerPathHash pays for one SHA-256 of a path to a box's root.
	GasPerPathHash = 10
	// GasPerLease pays for what the hook does of a lease later, which no gas meter sees: BenchmarkLease.
	GasPerLease = 50_000
	// GasPerStatement pays for checking a gateway's signature, up to 0.19 ms: BenchmarkStatement.
	GasPerStatement = 1_000
)
