package types

import (
	"unicode/utf8"

	"github.com/assaychain/assay/x/accounts"
)

const (
	// MaxMoniker is the size of an operator's name in bytes at most.
	MaxMoniker = 64
	// MaxEndpoint is the size of a worker's URL in bytes at most.
	MaxEndpoint = 256
)

// Validate checks what holds for an operator under any parameters.
func (o Operator) Validate() error {
	if _, err := accounts.Decode(o.Address); err != nil {
		return ErrAddress.Wrapf("operator: %s", err)
	}
	if _, err := accounts.Decode(o.PayoutAddress); err != nil {
		return ErrAddress.Wrapf("payout_address: %s", err)
	}
	if err := validateText("moniker", o.Moniker, MaxMoniker); err != nil {
		return err
	}
	if o.Devices > DevicesLimit {
		return ErrField.Wrapf("devices is %d: it must be at most %d", o.Devices, DevicesLimit)
	}
	if o.PowerBudget > MaxPowerBudget || o.PowerBudget == 0 && o.PowerUsed > 0 {
		return ErrField.Wrapf("power_budget is %d with %d used: it must be at most %d, and nothing is used without one", o.PowerBudget, o.PowerUsed, MaxPowerBudget)
	}
	if err := ValidateRelay(o.RelayUrl, o.RelayKey); err != nil {
		return err
	}
	return ValidateEndpoint(o.Endpoint)
}

// validateText checks a name for people: not empty, bounded, valid UTF-8 without control characters. It uses no table of
// printable characters, since such a table changes with the version of the language.
func validateText(field, text string, limit int) error {
	if text == "" || len(text) > limit {
		return ErrField.Wrapf("%s of %d bytes: it must have 1 to %d", field, len(text), limit)
	}
	if !utf8.ValidString(text) {
		return ErrField.Wrapf("%s is not valid UTF-8", field)
	}
	for _, letter := range text {
		if letter < 0x20 || (letter >= 0x7f && letter < 0xa0) {
			return ErrField.Wrapf("%s has the control character %U", field, letter)
		}
	}
	return nil
}
