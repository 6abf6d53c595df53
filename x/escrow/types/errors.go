package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module.
var (
	ErrParams       = errorsmod.Register(ModuleName, 2, "invalid parameters")
	ErrAmount       = errorsmod.Register(ModuleName, 3, "invalid amount")
	ErrDenom        = errorsmod.Register(ModuleName, 4, "denomination not accepted")
	ErrScope        = errorsmod.Register(ModuleName, 5, "invalid scope")
	ErrExists       = errorsmod.Register(ModuleName, 6, "account exists")
	ErrNoAccount    = errorsmod.RegisterWithGRPCCode(ModuleName, 7, codes.NotFound, "no such account")
	ErrShort        = errorsmod.Register(ModuleName, 8, "payment exceeds the account's balance")
	ErrLocked       = errorsmod.Register(ModuleName, 9, "amount is locked")
	ErrNotDepositor = errorsmod.Register(ModuleName, 10, "not the account's depositor")
	ErrReason       = errorsmod.Register(ModuleName, 11, "invalid close reason")
	ErrBlocked      = errorsmod.Register(ModuleName, 12, "address can't receive coins")
	ErrGenesis      = errorsmod.Register(ModuleName, 13, "invalid genesis state")
	ErrBroken       = errorsmod.Register(ModuleName, 14, "invariant broken")
	ErrWiring       = errorsmod.Register(ModuleName, 15, "module is wired wrongly")
)
