package types

import (
	errorsmod "cosmossdk.io/errors"
)

// Errors of the module.
var (
	ErrParams    = errorsmod.Register(ModuleName, 2, "invalid parameters")
	ErrOffence   = errorsmod.Register(ModuleName, 3, "unknown offence")
	ErrSubject   = errorsmod.Register(ModuleName, 4, "invalid subject")
	ErrNotJailed = errorsmod.Register(ModuleName, 5, "operator is not jailed")
	ErrTerm      = errorsmod.Register(ModuleName, 6, "jail term is not over")
	ErrGenesis   = errorsmod.Register(ModuleName, 7, "invalid genesis state")
	ErrBroken    = errorsmod.Register(ModuleName, 8, "invariant broken")
	ErrWiring    = errorsmod.Register(ModuleName, 9, "module is wired wrongly")
	ErrOperator  = errorsmod.Register(ModuleName, 10, "invalid operator")
)
