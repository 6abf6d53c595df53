package types

import (
	"google.golang.org/grpc/codes"

	"cosmossdk.io/errors"
)

// Errors of the module. Codes are part of its interface: a code is never reused.
var (
	// ErrParams marks parameters that cannot be used.
	ErrParams = errors.Register(ModuleName, 2, "invalid proofs parameters")
	// ErrCircuit marks a circuit with a field out of its bounds.
	ErrCircuit = errors.Register(ModuleName, 3, "invalid circuit")
	// ErrKey marks a verifying key that does not decode canonically, or binds nothing.
	ErrKey = errors.Register(ModuleName, 4, "invalid verifying key")
	// ErrKeyHash marks a verifying key that is not the one named.
	ErrKeyHash = errors.Register(ModuleName, 5, "verifying key does not match its hash")
	// ErrDevelopmentKey marks a key without a ceremony where none is accepted.
	ErrDevelopmentKey = errors.Register(ModuleName, 6, "development key is not accepted")
	// ErrCircuitExists marks an id or a class that is taken.
	ErrCircuitExists = errors.Register(ModuleName, 7, "circuit is already registered")
	// ErrCircuitNotFound marks a circuit that nobody registered.
	ErrCircuitNotFound = errors.RegisterWithGRPCCode(ModuleName, 8, codes.NotFound, "circuit not found")
	// ErrRetired marks a circuit that is retired already.
	ErrRetired = errors.Register(ModuleName, 9, "circuit is retired")
	// ErrTooManyCircuits marks one circuit more than the parameters allow.
	ErrTooManyCircuits = errors.Register(ModuleName, 10, "too many circuits")
	// ErrNoCircuit marks an inner dimension that no active circuit opens.
	ErrNoCircuit = errors.Register(ModuleName, 11, "no circuit for this size")
	// ErrProofLength marks a proof that does not have the one right length.
	ErrProofLength = errors.Register(ModuleName, 12, "proof has the wrong length")
	// ErrProofEncoding marks a proof of the right length that is not the canonical encoding of points.
	ErrProofEncoding = errors.Register(ModuleName, 13, "proof is malformed")
	// ErrStatement marks digests that this chain should never have computed.
	ErrStatement = errors.Register(ModuleName, 14, "invalid statement")
	// ErrGenesis marks a genesis state that contradicts itself.
	ErrGenesis = errors.Register(ModuleName, 15, "invalid proofs genesis state")
	// ErrInvariant marks books that contradict each other.
	ErrInvariant = errors.Register(ModuleName, 16, "proofs invariant broken")
	// ErrRoot marks bytes that commit to no tensor.
	ErrRoot = errors.Register(ModuleName, 17, "invalid root")
	// ErrProofCount marks a number of proofs that a job does not take, or more than one may ask for.
	ErrProofCount = errors.Register(ModuleName, 18, "wrong number of proofs")
	// ErrFullDisabled marks the level full where full_enabled is false, or may not become true.
	ErrFullDisabled = errors.Register(ModuleName, 19, "the level full is not enabled")
	// ErrModel marks a program that is no model, or a model that no active circuit is of.
	ErrModel = errors.Register(ModuleName, 24, "no circuit for this model")
)
