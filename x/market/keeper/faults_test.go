package keeper_test

import (
	"context"
	"errors"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// errFault is what a port fails with when it is told to.
var errFault = errors.New("planted fault")

// faults makes calls of the ports fail: by name, or by their number in the run; with an error, or with a panic.
type faults struct {
	calls int
	// of counts the calls by name.
	of map[string]int
	// shown counts the devices that searches were shown.
	shown  int
	name   string
	number int
	panics bool
	hit    int
	// paused is set while an armed fault is kept back.
	paused bool
}

func (f *faults) armed() bool { return f.name != "" || f.number > 0 }

// disarm keeps the fault back until the function it returns is called: what a test looks at must not fail.
func (f *faults) disarm() (rearm func()) {
	kept := *f
	f.name, f.number, f.paused = "", 0, kept.armed()
	return func() { f.name, f.number, f.paused = kept.name, kept.number, false }
}

// hit is called by every port before it does anything.
func (f *faults) at(name string) error {
	if f.paused {
		return nil
	}
	f.calls++
	if f.of == nil {
		f.of = map[string]int{}
	}
	f.of[name]++
	if !f.armed() || (f.name != "" && f.name != name) || (f.number > 0 && f.number != f.calls) {
		return nil
	}
	f.hit++
	if f.panics {
		panic("planted panic at " + name)
	}
	return errFault
}

func (f *fixture) ports() types.Ports {
	return types.Ports{
		Bond: faultyBond{f.bond, f.faults}, Escrow: faultyEscrow{f.escrow, f.faults}, Registry: faultyRegistry{f.registry, f.faults},
		Penalty: faultyPenalty{f.penalty, f.faults}, Proofs: faultyProofs{f.proofs, f.faults}, Beacon: faultyBeacon{f.beacon, f.faults},
		Systems: systemsOf(f.T, faultyBatches{faultySystem{f.proofs, f.faults}, f.proofs}, faultySystem{f.proofs, f.faults},
			faultyAsking{faultySystem{asking{f.proofs}, f.faults}, f.faults, asking{f.proofs}, f.proofs}),
	}
}

type faultyBond struct {
	types.Bond
	faults *faults
}

func (p faultyBond) Expose(ctx context.Context, operator sdk.AccAddress, amount math.Int) error {
	if err := p.Bond.Expose(ctx, operator, amount); err != nil {
		return err
	}
	return p.faults.at("bond.Expose")
}

func (p faultyBond) Release(ctx context.Context, operator sdk.AccAddress, amount math.Int) error {
	if err := p.Bond.Release(ctx, operator, amount); err != nil {
		return err
	}
	return p.faults.at("bond.Release")
}

func (p faultyBond) Headroom(ctx context.Context, operator sdk.AccAddress) (math.Int, error) {
	if err := p.faults.at("bond.Headroom"); err != nil {
		return math.Int{}, err
	}
	return p.Bond.Headroom(ctx, operator)
}

func (p faultyBond) Stake(ctx context.Context, operator sdk.AccAddress) (bondtypes.Stake, error) {
	return p.Bond.Stake(ctx, operator)
}

type faultyEscrow struct {
	types.Escrow
	faults *faults
}

func (p faultyEscrow) Pay(ctx context.Context, scope string, id uint64, to sdk.AccAddress, amount math.Int) ([]escrowtypes.Payout, error) {
	payouts, err := p.Escrow.Pay(ctx, scope, id, to, amount)
	if err != nil {
		return nil, err
	}
	return payouts, p.faults.at("escrow.Pay")
}

func (p faultyEscrow) PayDirect(ctx context.Context, scope string, id uint64, to sdk.AccAddress, amount math.Int) error {
	if err := p.Escrow.PayDirect(ctx, scope, id, to, amount); err != nil {
		return err
	}
	return p.faults.at("escrow.PayDirect")
}

func (p faultyEscrow) Close(ctx context.Context, scope string, id uint64, reason escrowtypes.CloseReason) (math.Int, error) {
	refunded, err := p.Escrow.Close(ctx, scope, id, reason)
	if err != nil {
		return refunded, err
	}
	return refunded, p.faults.at("escrow.Close")
}

type faultyRegistry struct {
	types.Registry
	faults *faults
}

func (p faultyRegistry) DevicePlaces(ctx context.Context) (uint64, error) {
	if err := p.faults.at("registry.DevicePlaces"); err != nil {
		return 0, err
	}
	return p.Registry.DevicePlaces(ctx)
}

func (p faultyRegistry) DeviceAt(ctx context.Context, place uint64) (registrytypes.Device, bool, error) {
	if err := p.faults.at("registry.DeviceAt"); err != nil {
		return registrytypes.Device{}, false, err
	}
	return p.Registry.DeviceAt(ctx, place)
}

func (p faultyRegistry) WalkNear(
	ctx context.Context, class registrytypes.DeviceClass, home, limit uint32, visit func(registrytypes.Device) (bool, error),
) error {
	if err := p.faults.at("registry.WalkNear"); err != nil {
		return err
	}
	return p.Registry.WalkNear(ctx, class, home, limit, func(d registrytypes.Device) (bool, error) {
		p.faults.shown++
		return visit(d)
	})
}

func (p faultyRegistry) WalkApart(ctx context.Context, around registrytypes.Around, visit func(registrytypes.Device) (bool, error)) error {
	if err := p.faults.at("registry.WalkApart"); err != nil {
		return err
	}
	return p.Registry.WalkApart(ctx, around, visit)
}

func (p faultyRegistry) WalkOwned(
	ctx context.Context, operator sdk.AccAddress, from uint64, limit uint32, visit func(registrytypes.Device) (bool, error),
) error {
	if err := p.faults.at("registry.WalkOwned"); err != nil {
		return err
	}
	return p.Registry.WalkOwned(ctx, operator, from, limit, visit)
}

func (p faultyRegistry) PoolOperators(ctx context.Context, id uint64) ([]string, error) {
	if err := p.faults.at("registry.PoolOperators"); err != nil {
		return nil, err
	}
	return p.Registry.PoolOperators(ctx, id)
}

func (p faultyRegistry) AttestsAfter(ctx context.Context) (uint64, error) {
	if err := p.faults.at("registry.AttestsAfter"); err != nil {
		return 0, err
	}
	return p.Registry.AttestsAfter(ctx)
}

func (p faultyRegistry) JobLanes(ctx context.Context, class registrytypes.DeviceClass, cell uint32) (uint64, error) {
	if err := p.faults.at("registry.JobLanes"); err != nil {
		return 0, err
	}
	return p.Registry.JobLanes(ctx, class, cell)
}

func (p faultyRegistry) Reserve(ctx context.Context, id []byte) error {
	if err := p.Registry.Reserve(ctx, id); err != nil {
		return err
	}
	return p.faults.at("registry.Reserve")
}

func (p faultyRegistry) Unreserve(ctx context.Context, id []byte) error {
	if err := p.Registry.Unreserve(ctx, id); err != nil {
		return err
	}
	return p.faults.at("registry.Unreserve")
}

func (p faultyRegistry) Suspend(ctx context.Context, operator sdk.AccAddress) error {
	if err := p.Registry.Suspend(ctx, operator); err != nil {
		return err
	}
	return p.faults.at("registry.Suspend")
}

func (p faultyRegistry) Observe(ctx context.Context, id []byte, seen registrytypes.Observation) error {
	if err := p.Registry.Observe(ctx, id, seen); err != nil {
		return err
	}
	return p.faults.at("registry.Observe")
}

func (p faultyRegistry) Operator(ctx context.Context, operator sdk.AccAddress) (registrytypes.Operator, error) {
	if err := p.faults.at("registry.Operator"); err != nil {
		return registrytypes.Operator{}, err
	}
	return p.Registry.Operator(ctx, operator)
}

func (p faultyRegistry) RelayRegister(ctx context.Context) (uint64, uint64, error) {
	if err := p.faults.at("registry.RelayRegister"); err != nil {
		return 0, 0, err
	}
	return p.Registry.RelayRegister(ctx)
}

func (p faultyRegistry) RelayAt(ctx context.Context, place, moment uint64) (registrytypes.Operator, bool, error) {
	if err := p.faults.at("registry.RelayAt"); err != nil {
		return registrytypes.Operator{}, false, err
	}
	return p.Registry.RelayAt(ctx, place, moment)
}

type faultyPenalty struct {
	types.Penalty
	faults *faults
}

func (p faultyPenalty) Punish(ctx context.Context, punishment penaltytypes.Punishment) (penaltytypes.Record, error) {
	record, err := p.Penalty.Punish(ctx, punishment)
	if err != nil {
		return record, err
	}
	return record, p.faults.at("penalty.Punish")
}

func (p faultyPenalty) IsJailed(ctx context.Context, operator sdk.AccAddress) (bool, error) {
	if err := p.faults.at("penalty.IsJailed"); err != nil {
		return false, err
	}
	return p.Penalty.IsJailed(ctx, operator)
}

func (p faultyPenalty) Jailed(ctx context.Context, limit int) ([]sdk.AccAddress, error) {
	if err := p.faults.at("penalty.Jailed"); err != nil {
		return nil, err
	}
	return p.Penalty.Jailed(ctx, limit)
}

type faultyProofs struct {
	types.Proofs
	faults *faults
}

// faultySystem is a proof system in which calls fail.
type faultySystem struct {
	types.ProofSystem
	faults *faults
}

func (p faultySystem) RowMatches(ctx sdk.Context, shape tensor.Shape, row, digest []byte) (bool, error) {
	return p.ProofSystem.(types.LocalFaults).RowMatches(ctx, shape, row, digest)
}

func (p faultySystem) NodeMatches(ctx sdk.Context, level int, children [][]byte, node []byte) (bool, error) {
	return p.ProofSystem.(types.LocalFaults).NodeMatches(ctx, level, children, node)
}

// faultyAsking is one that asks in contests, in which calls fail.
type faultyAsking struct {
	types.ProofSystem
	faults   *faults
	contests types.Contests
	proofs   *standIn
}

var _ types.Restricted = faultyAsking{}

func (p faultyAsking) Pool(context.Context, challenge.Work) (uint64, error) {
	return p.proofs.restricted, p.faults.at("proofs.Pool")
}

func (p faultyAsking) Ask(ctx sdk.Context, trace challenge.Trace, secret []byte, sealed [32]byte, result *tensor.Tensor) (point, value []byte, err error) {
	if err := p.faults.at("proofs.Ask"); err != nil {
		return nil, nil, err
	}
	return p.contests.Ask(ctx, trace, secret, sealed, result)
}

func (p faultyAsking) Answer(ctx sdk.Context, trace challenge.Trace, point, value, opening []byte) (bool, error) {
	if err := p.faults.at("proofs.Answer"); err != nil {
		return false, err
	}
	return p.contests.Answer(ctx, trace, point, value, opening)
}

func (p faultySystem) Fix(ctx context.Context, work challenge.Work) ([]string, error) {
	if err := p.faults.at("proofs.Fix"); err != nil {
		return nil, err
	}
	return p.ProofSystem.Fix(ctx, work)
}

func (p faultySystem) Dispute(trace challenge.Trace, number uint32, at program.Position) (challenge.Trace, error) {
	if err := p.faults.at("proofs.Dispute"); err != nil {
		return challenge.Trace{}, err
	}
	return trace.Dispute(number, at)
}

func (p faultySystem) Units(trace challenge.Trace) (uint64, error) {
	if err := p.faults.at("proofs.Units"); err != nil {
		return 0, err
	}
	return p.ProofSystem.Units(trace)
}

func (p faultySystem) Verify(ctx context.Context, trace challenge.Trace, proofs [][]byte) (bool, error) {
	if err := p.faults.at("proofs.Verify"); err != nil {
		return false, err
	}
	return p.ProofSystem.Verify(ctx, trace, proofs)
}

// faultyBatches is one that verifies many jobs together.
type faultyBatches struct {
	faultySystem
	many types.BatchVerification
}

func (p faultyBatches) MoreUnits(trace challenge.Trace, circuits []string) (uint64, error) {
	if err := p.faults.at("proofs.MoreUnits"); err != nil {
		return 0, err
	}
	return p.many.MoreUnits(trace, circuits)
}

func (p faultyBatches) VerifyMany(ctx context.Context, questions []challenge.Question) ([]challenge.Verdict, error) {
	if err := p.faults.at("proofs.VerifyMany"); err != nil {
		return nil, err
	}
	failed := make([]error, len(questions))
	for i := range questions {
		failed[i] = p.faults.at("proofs.Verify")
	}
	verdicts, err := p.many.VerifyMany(ctx, questions)
	for i := range verdicts {
		if failed[i] != nil {
			verdicts[i] = challenge.Verdict{Err: failed[i]}
		}
	}
	return verdicts, err
}

func (p faultyProofs) Left(ctx context.Context) (uint64, error) {
	if err := p.faults.at("proofs.Left"); err != nil {
		return 0, err
	}
	return p.Proofs.Left(ctx)
}

func (p faultyProofs) Spend(ctx context.Context, units uint64) (bool, error) {
	if err := p.faults.at("proofs.Spend"); err != nil {
		return false, err
	}
	return p.Proofs.Spend(ctx, units)
}

type faultyBeacon struct {
	types.Beacon
	faults *faults
}

func (p faultyBeacon) Fix(ctx context.Context, consumer string) (uint64, uint64, error) {
	generation, round, err := p.Beacon.Fix(ctx, consumer)
	if err != nil {
		return 0, 0, err
	}
	return generation, round, p.faults.at("beacon.Fix")
}

func (p faultyBeacon) Randomness(ctx context.Context, generation, round uint64) ([]byte, bool, error) {
	if err := p.faults.at("beacon.Randomness"); err != nil {
		return nil, false, err
	}
	return p.Beacon.Randomness(ctx, generation, round)
}

func (p faultyBeacon) Generation(ctx context.Context) (uint64, error) {
	if err := p.faults.at("beacon.Generation"); err != nil {
		return 0, err
	}
	return p.Beacon.Generation(ctx)
}

func (p faultyBeacon) Ready(ctx context.Context, consumer string, limit uint32) ([]beacontypes.Request, error) {
	if err := p.faults.at("beacon.Ready"); err != nil {
		return nil, err
	}
	return p.Beacon.Ready(ctx, consumer, limit)
}

func (p faultyBeacon) Done(ctx context.Context, consumer string, generation, round uint64) error {
	if err := p.Beacon.Done(ctx, consumer, generation, round); err != nil {
		return err
	}
	return p.faults.at("beacon.Done")
}
