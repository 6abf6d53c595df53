package types

// DefaultGenesis has the default parameters and nobody registered.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the parameters, every record, and that the records agree with each other. Devices are checked against
// what holds under any parameters: the rules may have changed since they were registered.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
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
		if !operators[device.Operator] {
			return nil, ErrGenesis.Wrapf("device %x belongs to %s, which is no operator", device.Id, device.Operator)
		}
		sum := counted[device.Operator]
		counted[device.Operator] = holding{devices: sum.devices + 1, score: sum.score + device.Score}
	}
	return counted, nil
}
