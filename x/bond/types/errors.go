package types

import (
	errorsmod "cosmossdk.io/errors"
)

// Errors of the module.
var (
	ErrParams      = errorsmod.Register(ModuleName, 2, "invalid parameters")
	ErrAmount      = errorsmod.Register(ModuleName, 3, "invalid amount")
	ErrLocked      = errorsmod.Register(ModuleName, 4, "stake is locked")
	ErrExposure    = errorsmod.Register(ModuleName, 5, "exposure would exceed bonded stake")
	ErrRelease     = errorsmod.Register(ModuleName, 6, "released exposure exceeds exposure")
	ErrRequirement = errorsmod.Register(ModuleName, 7, "requirement exceeds bonded stake")
	ErrEntries     = errorsmod.Register(ModuleName, 8, "too many unbonding entries")
	ErrNoEntry     = errorsmod.Register(ModuleName, 9, "no such unbonding entry")
	ErrFraction    = errorsmod.Register(ModuleName, 10, "invalid slash fraction")
	ErrBlocked     = errorsmod.Register(ModuleName, 11, "address can't receive coins")
	ErrGenesis     = errorsmod.Register(ModuleName, 12, "invalid genesis state")
	ErrBroken      = errorsmod.Register(ModuleName, 13, "invariant broken")
	ErrWiring      = errorsmod.Register(ModuleName, 14, "module is wired wrongly")
	ErrBackings    = errorsmod.Register(ModuleName, 15, "too many backings")
	ErrBacking     = errorsmod.Register(ModuleName, 16, "invalid backing")
	ErrVoid        = errorsmod.Register(ModuleName, 17, "pool was slashed to nothing")
	ErrCommission  = errorsmod.Register(ModuleName, 18, "invalid commission")
	ErrNoPool      = errorsmod.Register(ModuleName, 19, "operator has no stake")
	ErrPeriod      = errorsmod.Register(ModuleName, 20, "invalid period")
)
