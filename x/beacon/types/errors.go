package types

import (
	"google.golang.org/grpc/codes"

	"cosmossdk.io/errors"
)

// Errors of the module. Codes are part of its interface: a code is never reused.
var (
	// ErrParams marks parameters that cannot be used.
	ErrParams = errors.Register(ModuleName, 2, "invalid beacon parameters")
	// ErrNotRequested marks a round that nobody waits for.
	ErrNotRequested = errors.Register(ModuleName, 3, "round is not requested")
	// ErrAlreadyPosted marks a round that is there already.
	ErrAlreadyPosted = errors.Register(ModuleName, 4, "round is already posted")
	// ErrSignature marks a signature that does not verify, or is not the canonical encoding of one.
	ErrSignature = errors.Register(ModuleName, 5, "invalid beacon signature")
	// ErrNotFound marks a round that is not posted, or was pruned.
	ErrNotFound = errors.RegisterWithGRPCCode(ModuleName, 6, codes.NotFound, "round not found")
	// ErrConsumer marks a name that no consumer can have.
	ErrConsumer = errors.Register(ModuleName, 7, "invalid beacon consumer")
	// ErrNotReady marks a round that the consumer does not have to drain.
	ErrNotReady = errors.Register(ModuleName, 8, "round is not ready for the consumer")
	// ErrGenesis marks a genesis state that contradicts itself.
	ErrGenesis = errors.Register(ModuleName, 9, "invalid beacon genesis state")
	// ErrInvariant marks books that contradict each other.
	ErrInvariant = errors.Register(ModuleName, 10, "beacon invariant broken")
	// ErrAddress marks an account address that does not parse.
	ErrAddress = errors.Register(ModuleName, 11, "invalid address")
)
