package types

import (
	errorsmod "cosmossdk.io/errors"
)

// Errors of the module.
var (
	ErrParams    = errorsmod.Register(ModuleName, 2, "invalid parameters")
	ErrGenesis   = errorsmod.Register(ModuleName, 3, "invalid genesis state")
	ErrBroken    = errorsmod.Register(ModuleName, 4, "invariant broken")
	ErrWiring    = errorsmod.Register(ModuleName, 5, "module is wired wrongly")
	ErrAmount    = errorsmod.Register(ModuleName, 6, "invalid amount")
	ErrAddress   = errorsmod.Register(ModuleName, 7, "invalid address")
	ErrGrant     = errorsmod.Register(ModuleName, 8, "invalid grant")
	ErrNoGrant   = errorsmod.Register(ModuleName, 9, "no such grant")
	ErrRecipient = errorsmod.Register(ModuleName, 10, "not the grant's recipient")
	ErrNothing   = errorsmod.Register(ModuleName, 11, "nothing to claim")
	ErrTreasury  = errorsmod.Register(ModuleName, 12, "treasury has not enough that is not promised")
	ErrMilestone = errorsmod.Register(ModuleName, 13, "milestone can't be released")
	ErrLimit     = errorsmod.Register(ModuleName, 14, "limit reached")
	ErrGuardrail = errorsmod.Register(ModuleName, 15, "proposal is outside the guardrails")
	ErrProposal  = errorsmod.Register(ModuleName, 16, "message can't be part of a proposal")
	ErrNoChange  = errorsmod.Register(ModuleName, 17, "no such change")
	ErrStale     = errorsmod.Register(ModuleName, 18, "parameters have changed since the vote")
	ErrNoVote    = errorsmod.Register(ModuleName, 19, "no vote has decided this")
	ErrReason    = errorsmod.Register(ModuleName, 20, "invalid reason")
)
