package types

import "strings"

// Bounds of the parameters.
const (
	// MinUnits and MaxUnits bound what a block may spend on verification: a millisecond, ten seconds.
	MinUnits, MaxUnits = 1_000, 10_000_000
	// CircuitsLimit bounds the circuits that may ever be registered, since circuits stay for the jobs begun under them.
	CircuitsLimit = 256
)

// Defaults of the parameters.
const (
	// DefaultUnits is what a block may spend on verification by default: 0.4 s on the reference machine.
	DefaultUnits = 400_000
	// DefaultMaxCircuits is how many circuits may be registered by default.
	DefaultMaxCircuits = 16
)

// developmentChains begin the ids of chains that may accept keys without a ceremony. Nothing of value lives there.
var developmentChains = []string{"assay-local-", "assay-test-"}

// DefaultParams accepts no development keys and no jobs at the level full.
func DefaultParams() Params {
	return Params{UnitsPerBlock: DefaultUnits, MaxCircuits: DefaultMaxCircuits}
}

// Validate checks every field against its bounds.
func (p Params) Validate() error {
	if p.UnitsPerBlock < MinUnits || p.UnitsPerBlock > MaxUnits {
		return ErrParams.Wrapf("units_per_block is %d: it must be from %d to %d", p.UnitsPerBlock, MinUnits, MaxUnits)
	}
	if p.MaxCircuits < 1 || p.MaxCircuits > CircuitsLimit {
		return ErrParams.Wrapf("max_circuits is %d: it must be from 1 to %d", p.MaxCircuits, CircuitsLimit)
	}
	return nil
}

// ValidateFor checks that a chain of this id may use the parameters: only a development chain accepts development keys, or
// jobs at the level full, whose proof system nobody outside of the project has reviewed yet.
func (p Params) ValidateFor(chainID string) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if p.AllowDevelopmentKeys && !DevelopmentChain(chainID) {
		return ErrDevelopmentKey.Wrapf("allow_development_keys must be false on chain %q: only ids that begin with %s may set it",
			chainID, strings.Join(developmentChains, " or "))
	}
	if p.FullEnabled && !DevelopmentChain(chainID) {
		return ErrFullDisabled.Wrapf("full_enabled must be false on chain %q until the proof system is reviewed: only ids that begin with %s may set it",
			chainID, strings.Join(developmentChains, " or "))
	}
	return nil
}

// DevelopmentChain tells whether a chain's id marks it as one for development or tests.
func DevelopmentChain(chainID string) bool {
	for _, prefix := range developmentChains {
		if strings.HasPrefix(chainID, prefix) {
			return true
		}
	}
	return false
}
