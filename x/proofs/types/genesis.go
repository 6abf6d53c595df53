package types

// DefaultGenesis has the default parameters and no circuit: keys belong to a network, so its genesis names them.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the parameters, every circuit, and that they agree with each other. Whether the chain may accept
// development keys is checked when the chain's id is known.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if len(g.Circuits) > CircuitsLimit {
		return ErrGenesis.Wrapf("%d circuits: at most %d", len(g.Circuits), CircuitsLimit)
	}
	ids := make(map[string]bool, len(g.Circuits))
	subjects := make(map[string]bool, len(g.Circuits))
	for _, circuit := range g.Circuits {
		if err := circuit.Validate(); err != nil {
			return err
		}
		if ids[circuit.Id] {
			return ErrGenesis.Wrapf("circuit %s occurs twice", circuit.Id)
		}
		ids[circuit.Id] = true
		if !circuit.Active() {
			continue
		}
		if subject := circuit.Subject(); subjects[subject] {
			return ErrGenesis.Wrapf("circuit %s: %s has another active circuit", circuit.Id, subject)
		}
		subjects[circuit.Subject()] = true
		if circuit.Development && !g.Params.AllowDevelopmentKeys {
			return ErrDevelopmentKey.Wrapf("circuit %s: allow_development_keys is false", circuit.Id)
		}
	}
	return nil
}
