package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// DefaultGenesis has the default parameters, the catalogue that comes with this build, and nobody registered.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Models: EmbeddedModels()}
}

// Validate checks the parameters, every record, and that the records agree with each other. Devices are checked against
// what holds under any parameters: the rules may have changed since they were registered.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if err := g.validateModels(); err != nil {
		return err
	}
	declared := make(map[string]bool, len(g.Operators))
	for _, operator := range g.Operators {
		if err := operator.Validate(); err != nil {
			return ErrGenesis.Wrapf("operator %s: %s", operator.Address, err)
		}
		if declared[operator.Address] {
			return ErrGenesis.Wrapf("operator %s occurs twice", operator.Address)
		}
		declared[operator.Address] = true
	}
	counted, err := g.countDevices(declared)
	if err != nil {
		return err
	}
	if err := g.validateChecks(); err != nil {
		return err
	}
	if err := g.validatePlaces(); err != nil {
		return err
	}
	if err := g.validateRelays(); err != nil {
		return err
	}
	if err := g.validateCellPoints(); err != nil {
		return err
	}
	if err := g.validatePower(); err != nil {
		return err
	}
	if err := g.validateTelemetry(); err != nil {
		return err
	}
	if err := g.validatePools(); err != nil {
		return err
	}
	for _, operator := range g.Operators {
		found := counted[operator.Address]
		if found.devices != operator.Devices {
			return ErrGenesis.Wrapf("operator %s has %d devices, devices says %d", operator.Address, found.devices, operator.Devices)
		}
		if found.score != operator.Score {
			return ErrGenesis.Wrapf("operator %s: its devices score %d, score says %d", operator.Address, found.score, operator.Score)
		}
	}
	return nil
}

// holding is what an operator's devices add up to.
type holding struct {
	devices uint32
	score   uint64
}

// countDevices checks every device and returns what each operator has.
func (g GenesisState) countDevices(operators map[string]bool) (map[string]holding, error) {
	counted := make(map[string]holding, len(operators))
	seen := make(map[string]bool, len(g.Devices))
	for _, device := range g.Devices {
		if err := device.Validate(); err != nil {
			return nil, ErrGenesis.Wrapf("device %x: %s", device.Id, err)
		}
		if seen[string(device.Id)] {
			return nil, ErrGenesis.Wrapf("device %x occurs twice", device.Id)
		}
		seen[string(device.Id)] = true
		if device.MeasuredAt > max(g.Clock.ActiveMs, 1) {
			return nil, ErrGenesis.Wrapf("device %x: measured_at is %d, the clock is at %d", device.Id, device.MeasuredAt, g.Clock.ActiveMs)
		}
		if quality, err := device.ServiceQuality(); err != nil || uint64(quality.Latest()) > g.Clock.ActiveMs/1_000 {
			return nil, ErrGenesis.Wrapf("device %x: its quality was seen at %d s, the clock is at %d ms", device.Id, quality.Latest(), g.Clock.ActiveMs)
		}
		if !operators[device.Operator] {
			return nil, ErrGenesis.Wrapf("device %x belongs to %s, which is no operator", device.Id, device.Operator)
		}
		sum := counted[device.Operator]
		counted[device.Operator] = holding{devices: sum.devices + 1, score: sum.score + device.Score}
	}
	return counted, nil
}

// validateChecks checks that every check is of a device of its operator, the only one of it, and that a device is being checked exactly
// while its check waits for a commitment.
func (g GenesisState) validateChecks() error {
	devices := make(map[string]Device, len(g.Devices))
	for _, device := range g.Devices {
		devices[string(device.Id)] = device
	}
	computing := make(map[string]bool, len(g.Checks))
	for _, check := range g.Checks {
		device, known := devices[string(check.Device)]
		_, twice := computing[string(check.Device)]
		switch {
		case !known || device.Operator != check.Operator || device.Class != check.Class:
			return ErrGenesis.Wrapf("spot check %d: device %x of %s and %s is not there", check.Id, check.Device, check.Class, check.Operator)
		case twice:
			return ErrGenesis.Wrapf("device %x has two spot checks", check.Device)
		case check.Id < 1 || check.Id > g.LastCheck:
			return ErrGenesis.Wrapf("spot check %d: ids are from 1 to last_check, %d", check.Id, g.LastCheck)
		}
		if err := check.Validate(); err != nil {
			return ErrGenesis.Wrapf("spot check %d: %s", check.Id, err)
		}
		computing[string(check.Device)] = check.Open() && check.State < CHECK_STATE_COMMITTED
	}
	for _, device := range g.Devices {
		if device.Checking != computing[string(device.Id)] {
			return ErrGenesis.Wrapf("device %x: checking is %t, its spot check says otherwise", device.Id, device.Checking)
		}
	}
	return nil
}

// validatePlaces checks that places are numbered from 0 without a gap, one a device, and that every available device has one, unless
// none has. A device may have gone, or belong to another operator now, whose place is given up after the next draw.
func (g GenesisState) validatePlaces() error {
	placed := make(map[string]Place, len(g.Places))
	for i, place := range g.Places {
		if place.Number != uint64(i) {
			return ErrGenesis.Wrapf("places[%d] has number %d: they must be in order", i, place.Number)
		}
		if err := ValidateDeviceID(place.Device); err != nil {
			return ErrGenesis.Wrapf("places[%d]: %s", i, err)
		}
		if _, err := sdk.AccAddressFromBech32(place.Operator); err != nil {
			return ErrGenesis.Wrapf("places[%d]: operator: %s", i, err)
		}
		if _, twice := placed[string(place.Device)]; twice {
			return ErrGenesis.Wrapf("device %x has two places", place.Device)
		}
		placed[string(place.Device)] = place
	}
	if g.Draw.Round > 0 && g.Draw.Places > uint64(len(g.Places)) {
		return ErrGenesis.Wrapf("the draw chooses from %d places, there are %d", g.Draw.Places, len(g.Places))
	}
	staying := 0
	for _, device := range g.Devices {
		place, found := placed[string(device.Id)]
		own := found && place.Operator == device.Operator && place.Accelerated == device.Accelerated()
		if own && place.Left == 0 {
			staying++
		}
		if len(g.Places) > 0 && (device.Available && !found || own && device.Available != (place.Left == 0)) {
			return ErrGenesis.Wrapf("device %x: available is %t, its place is %+v", device.Id, device.Available, place)
		}
	}
	for _, place := range g.Places {
		if place.Left == 0 {
			staying--
		}
	}
	if staying != 0 {
		return ErrGenesis.Wrapf("%d places stay without a device", -staying)
	}
	return nil
}
