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
	ErrShort        = errorsmod.Register(ModuleName, 8, "amount exceeds what the account has to spare")
	ErrLocked       = errorsmod.Register(ModuleName, 9, "amount is locked")
	ErrNotDepositor = errorsmod.Register(ModuleName, 10, "not the account's depositor")
	ErrReason       = errorsmod.Register(ModuleName, 11, "invalid close reason")
	ErrBlocked      = errorsmod.Register(ModuleName, 12, "address can't receive coins")
	ErrGenesis      = errorsmod.Register(ModuleName, 13, "invalid genesis state")
	ErrBroken       = errorsmod.Register(ModuleName, 14, "invariant broken")
	ErrWiring       = errorsmod.Register(ModuleName, 15, "module is wired wrongly")
	ErrDry          = errorsmod.Register(ModuleName, 16, "account ran dry")
	ErrNoStream     = errorsmod.RegisterWithGRPCCode(ModuleName, 17, codes.NotFound, "no such stream")
	ErrStream       = errorsmod.Register(ModuleName, 18, "invalid stream")
	ErrFull         = errorsmod.Register(ModuleName, 19, "account is full")
	ErrGrant        = errorsmod.Register(ModuleName, 20, "deposit is not granted")
)
