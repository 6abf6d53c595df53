package types

import (
	"context"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/registry/coordinates"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// ExposureLock keeps stake behind jobs in flight.
type ExposureLock interface {
	// Expose locks amount of the operator's bonded stake; it refuses more than is bonded and free.
	Expose(ctx context.Context, operator sdk.AccAddress, amount math.Int) error
	// Release unlocks amount.
	Release(ctx context.Context, operator sdk.AccAddress, amount math.Int) error
}

// StakeBook reads stake.
type StakeBook interface {
	// Headroom is the bonded stake that is not locked, at least zero.
	Headroom(ctx context.Context, operator sdk.AccAddress) (math.Int, error)
	// Stake is the operator's whole stake; zeros when there is none.
	Stake(ctx context.Context, operator sdk.AccAddress) (bondtypes.Stake, error)
}

// Bond is what the market needs of x/bond.
type Bond interface {
	ExposureLock
	StakeBook
}

// EscrowDeposit takes a job's money in.
type EscrowDeposit interface {
	// Open makes the account of a job and locks the amount in it.
	Open(ctx context.Context, scope string, id uint64, depositor sdk.AccAddress, amount sdk.Coin) error
	// LeastDeposit is the smallest amount that Open takes, in base units of any denomination.
	LeastDeposit(ctx context.Context) (math.Int, error)
	// Add locks more in it.
	Add(ctx context.Context, scope string, id uint64, from sdk.AccAddress, amount sdk.Coin) error
	// Account reads it.
	Account(ctx context.Context, scope string, id uint64) (escrowtypes.Account, error)
}

// EscrowPayment pays a job's money out.
type EscrowPayment interface {
	// Pay pays for work, less the protocol's shares.
	Pay(ctx context.Context, scope string, id uint64, recipient sdk.AccAddress, amount math.Int) ([]escrowtypes.Payout, error)
	// PayDirect pays a compensation whole.
	PayDirect(ctx context.Context, scope string, id uint64, recipient sdk.AccAddress, amount math.Int) error
	// Close refunds the rest to the depositor, deletes the account and tells what was refunded.
	Close(ctx context.Context, scope string, id uint64, reason escrowtypes.CloseReason) (math.Int, error)
}

// EscrowStream pays for a lease's time.
type EscrowStream interface {
	// OpenStream lets an account pay by the hour, from this block's time on, and returns the stream's number.
	OpenStream(ctx context.Context, scope string, id uint64, spec escrowtypes.StreamSpec) (uint32, error)
	// SetRate pays what has run and changes the rate from then on; 0 pauses.
	SetRate(ctx context.Context, scope string, id uint64, stream uint32, ratePerHour math.Int) error
	// EndStream pays what has run and ends the stream.
	EndStream(ctx context.Context, scope string, id uint64, stream uint32) error
}

// EscrowWatch tells when money is used up.
type EscrowWatch interface {
	// Runway is the second in which an account runs dry if its streams go on; false when nothing flows.
	Runway(ctx context.Context, scope string, id uint64) (time.Time, bool, error)
	// Dried lists accounts that ran dry, oldest first, until AckDried.
	Dried(ctx context.Context, scope string, limit uint32) ([]escrowtypes.DryAccount, error)
	// AckDried takes an account off that list.
	AckDried(ctx context.Context, scope string, id uint64) error
}

// EscrowNotes tells what became of an account that ran dry.
type EscrowNotes interface {
	// Dry is what that list says of one account; ErrNoAccount when it isn't there.
	Dry(ctx context.Context, scope string, id uint64) (escrowtypes.DryAccount, error)
}

// Escrow is what the market needs of x/escrow.
type Escrow interface {
	EscrowDeposit
	EscrowPayment
	EscrowStream
	EscrowWatch
	EscrowNotes
}

// Directory reads the registry.
type Directory interface {
	Device(ctx context.Context, id []byte) (registrytypes.Device, error)
	Operator(ctx context.Context, operator sdk.AccAddress) (registrytypes.Operator, error)
	// WalkAvailable visits the class's available devices with a free lane by load, price and id, at most limit of them.
	WalkAvailable(ctx context.Context, class registrytypes.DeviceClass, limit uint32,
		visit func(registrytypes.Device) (stop bool, err error)) error
	// WalkNear is WalkAvailable from a cell outwards: the home's devices first, then those of other cells, the nearest first; home 0 is anywhere.
	WalkNear(ctx context.Context, class registrytypes.DeviceClass, home, limit uint32,
		visit func(registrytypes.Device) (stop bool, err error)) error
	// WalkApart is WalkNear that shows at most so many devices of each cell first, and further ones of the same cells while the limit leaves some.
	WalkApart(ctx context.Context, around registrytypes.Around, visit func(registrytypes.Device) (stop bool, err error)) error
	// WalkOwned visits an operator's devices in any state, at most limit: by id from the from-th on, and after the last one the first.
	WalkOwned(ctx context.Context, operator sdk.AccAddress, from uint64, limit uint32,
		visit func(registrytypes.Device) (stop bool, err error)) error
	// Pool is a list of operators that somebody keeps; an error when it is not there, or no more.
	Pool(ctx context.Context, id uint64) (registrytypes.Pool, error)
	// PoolOperators lists those in a pool, ascending, at most registrytypes.PoolLimit; none of one that is not there.
	PoolOperators(ctx context.Context, id uint64) ([]string, error)
	// AttestsAfter is the moment of the registry's clock that an attested device is proven beyond; the last of all while there are no spot checks.
	AttestsAfter(ctx context.Context) (uint64, error)
	// Place is where a cell is in the network: devices predict their round trips from it.
	Place(ctx context.Context, cell uint32) (coordinates.Node, error)
	// LargestMemory is the largest memory in MiB of the registered devices of a class; 0 when there is none.
	LargestMemory(ctx context.Context, class registrytypes.DeviceClass) (mib uint32, err error)
}

// RelayRegister reads the register of relays.
type RelayRegister interface {
	// RelayRegister tells how many places it has, and the moment of the registry's clock, in milliseconds.
	RelayRegister(ctx context.Context) (places, moment uint64, err error)
	// RelayAt is the operator whose relay has a place since before the moment; false when there is none such.
	RelayAt(ctx context.Context, place, moment uint64) (registrytypes.Operator, bool, error)
}

// DeviceRegister reads the register of devices that draws choose from.
type DeviceRegister interface {
	// DevicePlaces is the number of its places, counted from 0.
	DevicePlaces(ctx context.Context) (uint64, error)
	// DeviceAt is the device in a place; false when there is none.
	DeviceAt(ctx context.Context, place uint64) (registrytypes.Device, bool, error)
}

// Lanes takes devices into use.
type Lanes interface {
	// Reserve takes a lane of a device; it refuses when none is free.
	Reserve(ctx context.Context, id []byte) error
	// Unreserve gives it back.
	Unreserve(ctx context.Context, id []byte) error
	// Suspend makes all the operator's devices unavailable.
	Suspend(ctx context.Context, operator sdk.AccAddress) error
}

// Rentals takes whole devices into use.
type Rentals interface {
	// Rent takes an idle, available device: it takes no jobs until Vacate.
	Rent(ctx context.Context, id []byte) error
	// Vacate gives it back.
	Vacate(ctx context.Context, id []byte) error
	// Rentals tells how many devices of a class are for rent, and how many of those are rented.
	Rentals(ctx context.Context, class registrytypes.DeviceClass) (forRent, rented uint64, err error)
	// JobLanes tells how many lanes a class offers to jobs, taken or not, in a cell; anywhere for cell 0.
	JobLanes(ctx context.Context, class registrytypes.DeviceClass, cell uint32) (uint64, error)
}

// Bookings tells devices' records when they are let.
type Bookings interface {
	// Book notes from which Unix second on a device is let, 0 when it is not; it can't be retired in between.
	Book(ctx context.Context, id []byte, from int64) error
	// WalkLet visits, by id, the devices that are booked or rented. It reads all devices: for invariants.
	WalkLet(ctx context.Context, visit func(registrytypes.Device) (stop bool, err error)) error
}

// Observer learns how reliable devices are.
type Observer interface {
	// Observe teaches what was seen of a device's work.
	Observe(ctx context.Context, id []byte, seen registrytypes.Observation) error
}

// Registry is what the market needs of x/registry.
type Registry interface {
	Directory
	RelayRegister
	DeviceRegister
	Lanes
	Rentals
	Bookings
	Observer
}

// Penalty punishes.
type Penalty interface {
	// Punish slashes and jails by the table of offences.
	Punish(ctx context.Context, p penaltytypes.Punishment) (penaltytypes.Record, error)
	// IsJailed tells whether the operator is in jail.
	IsJailed(ctx context.Context, operator sdk.AccAddress) (bool, error)
	// Jailed lists operators in jail, at most limit of them.
	Jailed(ctx context.Context, limit int) ([]sdk.AccAddress, error)
}

// Proofs is what the market needs of x/proofs beside its proof systems.
type Proofs interface {
	// Spend takes units from the block's budget and tells whether they fit; the first item of a block always does.
	Spend(ctx context.Context, units uint64) (bool, error)
	// Left is what the block may still spend.
	Left(ctx context.Context) (uint64, error)
}

// Rounds fixes and reads beacon rounds.
type Rounds interface {
	// Fix requests the earliest round that nobody can know yet.
	Fix(ctx context.Context, consumer string) (generation, round uint64, err error)
	// Randomness of a round; false while it isn't posted.
	Randomness(ctx context.Context, generation, round uint64) ([]byte, bool, error)
	// Generation counts how often the beacon was replaced.
	Generation(ctx context.Context) (uint64, error)
}

// ReadyRounds hands out posted rounds.
type ReadyRounds interface {
	// Ready lists rounds that were requested and posted, oldest first, until Done.
	Ready(ctx context.Context, consumer string, limit uint32) ([]beacontypes.Request, error)
	// Done takes a round off that list.
	Done(ctx context.Context, consumer string, generation, round uint64) error
}

// Beacon is what the market needs of x/beacon.
type Beacon interface {
	Rounds
	ReadyRounds
}

// Ports are the modules below the market.
type Ports struct {
	Bond     Bond
	Escrow   Escrow
	Registry Registry
	Penalty  Penalty
	Proofs   Proofs
	Beacon   Beacon
	// Systems prove results, by level of assurance.
	Systems *ProofSystems
}

// Validate refuses a missing port.
func (p Ports) Validate() error {
	if p.Bond == nil || p.Escrow == nil || p.Registry == nil || p.Penalty == nil || p.Proofs == nil || p.Beacon == nil {
		return ErrParams.Wrap("every port must be given: bond, escrow, registry, penalty, proofs, beacon")
	}
	if p.Systems == nil || !p.Systems.sealed {
		return ErrParams.Wrap("the proof systems must be given and sealed")
	}
	return nil
}
