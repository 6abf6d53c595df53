package types

import (
	errorsmod "cosmossdk.io/errors"
)

// Errors of the module.
var (
	ErrParams     = errorsmod.Register(ModuleName, 2, "invalid parameters")
	ErrOffence    = errorsmod.Register(ModuleName, 3, "unknown offence")
	ErrSubject    = errorsmod.Register(ModuleName, 4, "invalid subject")
	ErrNotJailed  = errorsmod.Register(ModuleName, 5, "operator is not jailed")
	ErrTerm       = errorsmod.Register(ModuleName, 6, "jail term is not over")
	ErrGenesis    = errorsmod.Register(ModuleName, 7, "invalid genesis state")
	ErrBroken     = errorsmod.Register(ModuleName, 8, "invariant broken")
	ErrWiring     = errorsmod.Register(ModuleName, 9, "module is wired wrongly")
	ErrOperator   = errorsmod.Register(ModuleName, 10, "invalid operator")
	ErrTombstoned = errorsmod.Register(ModuleName, 11, "operator is tombstoned")
	ErrNotFound   = errorsmod.Register(ModuleName, 12, "no such punishment")
	ErrNotYours   = errorsmod.Register(ModuleName, 13, "punishment is another operator's")
	ErrStatus     = errorsmod.Register(ModuleName, 14, "punishment is in another status")
	ErrText       = errorsmod.Register(ModuleName, 15, "invalid text")
	ErrEvidence   = errorsmod.Register(ModuleName, 16, "invalid evidence")
	ErrExpired    = errorsmod.Register(ModuleName, 17, "evidence is too old")
	ErrRepeated   = errorsmod.Register(ModuleName, 18, "evidence was taken already")
)
