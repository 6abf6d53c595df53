package types

import (
	"google.golang.org/grpc/codes"

	"cosmossdk.io/errors"
)

// Errors of the module. Codes are part of its interface: a code is never reused.
var (
	// ErrParams marks parameters that cannot be used.
	ErrParams = errors.Register(ModuleName, 2, "invalid registry parameters")
	// ErrAddress marks an account address that does not parse.
	ErrAddress = errors.Register(ModuleName, 3, "invalid address")
	// ErrField marks a field of an operator or a device that is out of its bounds.
	ErrField = errors.Register(ModuleName, 4, "invalid field")
	// ErrOperatorExists marks an account that is an operator already.
	ErrOperatorExists = errors.Register(ModuleName, 5, "operator is already registered")
	// ErrOperatorNotFound marks an account that is no operator.
	ErrOperatorNotFound = errors.RegisterWithGRPCCode(ModuleName, 6, codes.NotFound, "operator not found")
	// ErrDeviceExists marks a device id that is taken.
	ErrDeviceExists = errors.Register(ModuleName, 7, "device is already registered")
	// ErrDeviceNotFound marks a device id that nobody registered.
	ErrDeviceNotFound = errors.RegisterWithGRPCCode(ModuleName, 8, codes.NotFound, "device not found")
	// ErrNotOwner marks a device of somebody else.
	ErrNotOwner = errors.Register(ModuleName, 9, "device belongs to another operator")
	// ErrBond marks a bond too small for the devices.
	ErrBond = errors.Register(ModuleName, 10, "bond is too small")
	// ErrJailed marks what a jailed operator may not do.
	ErrJailed = errors.Register(ModuleName, 11, "operator is jailed")
	// ErrInUse marks a device that has jobs.
	ErrInUse = errors.Register(ModuleName, 12, "device is in use")
	// ErrNoLane marks a device that cannot take another job.
	ErrNoLane = errors.Register(ModuleName, 13, "device has no free lane")
	// ErrTooManyDevices marks one device more than an operator may have.
	ErrTooManyDevices = errors.Register(ModuleName, 14, "operator has too many devices")
	// ErrBlockedAddress marks a payout address that cannot receive coins.
	ErrBlockedAddress = errors.Register(ModuleName, 15, "payout address cannot receive coins")
	// ErrGenesis marks a genesis state that contradicts itself.
	ErrGenesis = errors.Register(ModuleName, 16, "invalid registry genesis state")
	// ErrInvariant marks books that contradict each other.
	ErrInvariant = errors.Register(ModuleName, 17, "registry invariant broken")
	// ErrCheckNotFound marks a device that was never checked.
	ErrCheckNotFound = errors.RegisterWithGRPCCode(ModuleName, 18, codes.NotFound, "spot check not found")
	// ErrCheckState marks an answer that the check does not wait for.
	ErrCheckState = errors.Register(ModuleName, 19, "spot check does not wait for this")
	// ErrLate marks an answer after its deadline.
	ErrLate = errors.Register(ModuleName, 20, "too late")
	// ErrOpening marks openings that are not of what was committed to.
	ErrOpening = errors.Register(ModuleName, 21, "openings do not fit the commitment")
	// ErrModel marks a model that the catalogue cannot have, or a device that claims to be more than its model is.
	ErrModel = errors.Register(ModuleName, 28, "model does not fit the catalogue")
	// ErrLocation marks a cell that the grid doesn't have, or what a device can't do that told none.
	ErrLocation = errors.Register(ModuleName, 60, "invalid location")
	// ErrRoundTrip marks a report of round trips that can't be learnt from.
	ErrRoundTrip = errors.Register(ModuleName, 61, "invalid report of round trips")
	// ErrTooSoon marks a report before the time for the next one.
	ErrTooSoon = errors.Register(ModuleName, 62, "too soon after the last report")
	// ErrModelNotFound marks a model that the catalogue does not have.
	ErrModelNotFound = errors.RegisterWithGRPCCode(ModuleName, 29, codes.NotFound, "model not found")
	// ErrTelemetry marks a report that no such device can make.
	ErrTelemetry = errors.Register(ModuleName, 67, "telemetry is out of bounds")
	// ErrPower marks a draw, a power budget or hours that can't be.
	ErrPower = errors.Register(ModuleName, 69, "invalid power setting")
	// ErrPool marks a pool, or a change of one, that can't be.
	ErrPool = errors.Register(ModuleName, 70, "invalid pool")
	// ErrPoolNotFound marks a pool that is not there, or no more.
	ErrPoolNotFound = errors.RegisterWithGRPCCode(ModuleName, 71, codes.NotFound, "pool not found")
	// ErrNotPoolOwner marks a pool of somebody else.
	ErrNotPoolOwner = errors.Register(ModuleName, 72, "pool belongs to another account")
)
