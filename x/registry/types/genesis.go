package types

// DefaultGenesis has the default parameters and nobody registered.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the parameters, every record, and that the records agree with each other. Devices are checked against
// what holds under any parameters: the rules may have changed since they were registered.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	declared := make(map[string]uint32, len(g.Operators))
	for _, operator := range g.Operators {
		if err := operator.Validate(); err != nil {
			return ErrGenesis.Wrapf("operator %s: %s", operator.Address, err)
		}
		if _, twice := declared[operator.Address]; twice {
			return ErrGenesis.Wrapf("operator %s occurs twice", operator.Address)
		}
		declared[operator.Address] = operator.Devices
	}
	counted, err := g.countDevices(declared)
	if err != nil {
		return err
	}
	for _, operator := range g.Operators {
		if counted[operator.Address] != operator.Devices {
			return ErrGenesis.Wrapf("operator %s has %d devices, devices says %d", operator.Address, counted[operator.Address], operator.Devices)
		}
	}
	return nil
}

// countDevices checks every device and returns how many each operator has.
func (g GenesisState) countDevices(operators map[string]uint32) (map[string]uint32, error) {
	counted := make(map[string]uint32, len(operators))
	seen := make(map[string]bool, len(g.Devices))
	for _, device := range g.Devices {
		if err := device.Validate(); err != nil {
			return nil, ErrGenesis.Wrapf("device %x: %s", device.Id, err)
		}
		if seen[string(device.Id)] {
			return nil, ErrGenesis.Wrapf("device %x occurs twice", device.Id)
		}
		seen[string(device.Id)] = true
		if _, known := operators[device.Operator]; !known {
			return nil, ErrGenesis.Wrapf("device %x belongs to %s, which is no operator", device.Id, device.Operator)
		}
		counted[device.Operator]++
	}
	return counted, nil
}
