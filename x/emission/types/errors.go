package types

import errorsmod "cosmossdk.io/errors"

// Errors of the module. Codes are part of its interface: a code is never reused.
var (
	// ErrParams marks parameters that cannot be used.
	ErrParams = errorsmod.Register(ModuleName, 2, "invalid emission parameters")
	// ErrAddress marks an account address that does not parse.
	ErrAddress = errorsmod.Register(ModuleName, 3, "invalid address")
	// ErrNothing marks a claim when no closed period is left to settle.
	ErrNothing = errorsmod.Register(ModuleName, 4, "nothing to claim")
	// ErrLimit marks a number that is out of its bounds.
	ErrLimit = errorsmod.Register(ModuleName, 5, "number out of bounds")
	// ErrGenesis marks a genesis state that contradicts itself.
	ErrGenesis = errorsmod.Register(ModuleName, 6, "invalid emission genesis state")
	// ErrInvariant marks books that contradict each other.
	ErrInvariant = errorsmod.Register(ModuleName, 7, "emission invariant broken")
	// ErrWiring marks a module that is wired wrongly.
	ErrWiring = errorsmod.Register(ModuleName, 8, "module is wired wrongly")
)
