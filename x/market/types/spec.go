package types

import (
	"fmt"
	"net/url"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/proofs/program"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Validate checks everything about a specification that depends neither on the chain's state nor on its proof systems: program,
// inputs, requirements, policy, delivery key. Errors wrap ErrSpec or ErrAssurance and name the field and the limit.
func (s Spec) Validate() error {
	if err := s.Program.Validate(); err != nil {
		return ErrSpec.Wrapf("program: %s", err)
	}
	if want := len(s.Program.Inputs); len(s.Inputs) != want {
		return ErrSpec.Wrapf("inputs has %d entries: the program has %d inputs", len(s.Inputs), want)
	}
	for i, input := range s.Inputs {
		if err := input.validate(i); err != nil {
			return err
		}
	}
	if err := s.Requirements.Validate(); err != nil {
		return err
	}
	if err := s.validatePolicy(); err != nil {
		return err
	}
	if s.Samples < 1 || s.Samples > MaxSamplesLimit {
		return ErrSpec.Wrapf("samples is %d: it must be from 1 to %d", s.Samples, MaxSamplesLimit)
	}
	if _, known := program.Assurance_name[int32(s.Assurance)]; !known {
		return ErrAssurance.Wrapf("assurance is %d: there is no such level", s.Assurance)
	}
	if err := delivery.CheckKey(s.DeliveryKey); err != nil {
		return ErrSpec.Wrapf("delivery_key: %s", err)
	}
	return nil
}

// ValidateAgainst checks what the parameters limit.
func (s Spec) ValidateAgainst(p Params) error {
	if s.Samples < p.MinSamples || s.Samples > p.MaxSamples {
		return ErrSpec.Wrapf("samples is %d: it must be from %d to %d", s.Samples, p.MinSamples, p.MaxSamples)
	}
	if err := s.Requirements.ValidateAgainst(p); err != nil {
		return err
	}
	if err := s.validateAuditAgainst(p); err != nil {
		return err
	}
	for i, input := range s.Inputs {
		if len(input.Locators) > int(p.MaxLocators) {
			return ErrSpec.Wrapf("inputs[%d].locators has %d entries: at most %d", i, len(input.Locators), p.MaxLocators)
		}
		for j, locator := range input.Locators {
			if len(locator) > int(p.MaxLocatorBytes) {
				return ErrSpec.Wrapf("inputs[%d].locators[%d] has %d bytes: at most %d", i, j, len(locator), p.MaxLocatorBytes)
			}
		}
	}
	return nil
}

func (r InputRef) validate(i int) error {
	if len(r.Root) != program.RootSize {
		return ErrSpec.Wrapf("inputs[%d].root has %d bytes: it must have %d", i, len(r.Root), program.RootSize)
	}
	if n := len(r.Locators); n < 1 || n > LocatorsLimit {
		return ErrSpec.Wrapf("inputs[%d].locators has %d entries: it must have 1 to %d", i, n, LocatorsLimit)
	}
	for j, locator := range r.Locators {
		if problem := locatorProblem(locator); problem != "" {
			return ErrSpec.Wrapf("inputs[%d].locators[%d] %s", i, j, problem)
		}
	}
	return nil
}

// locatorProblem tells what is wrong with a locator; empty when nothing is. Credentials are refused because they would be
// public, fragments because they are never sent.
func locatorProblem(locator string) string {
	if locator == "" || len(locator) > LocatorBytesLimit {
		return fmt.Sprintf("has %d bytes: it must have 1 to %d", len(locator), LocatorBytesLimit)
	}
	parsed, err := url.Parse(locator)
	switch {
	case err != nil:
		return "is not a URL"
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return "must be an http or https URL"
	case parsed.Hostname() == "":
		return "has no host"
	case parsed.User != nil:
		return "must not carry credentials"
	case parsed.Fragment != "":
		return "must not have a fragment"
	default:
		return ""
	}
}

// Validate refuses classes and backends that don't exist or come twice, and what validatePlacing does.
func (r Requirements) Validate() error {
	for i, class := range r.Classes {
		if class < registrytypes.DEVICE_CLASS_CPU || class > registrytypes.DEVICE_CLASS_DATACENTRE {
			return ErrSpec.Wrapf("requirements.classes[%d] is %d: no such class", i, class)
		}
		if slices.Contains(r.Classes[:i], class) {
			return ErrSpec.Wrapf("requirements.classes[%d] is %s: it comes twice", i, class)
		}
	}
	for i, backend := range r.Backends {
		if backend < registrytypes.BACKEND_CPU || backend > registrytypes.BACKEND_ONEAPI {
			return ErrSpec.Wrapf("requirements.backends[%d] is %d: no such backend", i, backend)
		}
		if slices.Contains(r.Backends[:i], backend) {
			return ErrSpec.Wrapf("requirements.backends[%d] is %s: it comes twice", i, backend)
		}
	}
	if r.MinMemoryMib > registrytypes.MaxMemory {
		return ErrSpec.Wrapf("requirements.min_memory_mib is %d: at most %d", r.MinMemoryMib, registrytypes.MaxMemory)
	}
	return r.validatePlacing()
}

// ValidatePrice checks a maximum price against the floor of a job's price.
func ValidatePrice(price sdk.Coin, floor sdk.Coin) error {
	if price.Denom != floor.Denom {
		return ErrPrice.Wrapf("max_price is in %q: it must be in %q", price.Denom, floor.Denom)
	}
	if price.Amount.IsNil() || price.Amount.LT(floor.Amount) {
		return ErrPrice.Wrapf("max_price is %s: the floor is %s", price, floor)
	}
	return nil
}

// Floor is the least that a job costs whose proofs take so many bytes, and so many milliseconds of a core to make.
func (p Params) Floor(proofBytes, provingMillis uint64) sdk.Coin {
	floor := pricing.Floor(p.MinPrice, p.ProofKibPrice, proofBytes)
	return sdk.NewCoin(p.Denom, floor.Add(pricing.Proving(p.ProvingSecondPrice, provingMillis)))
}
