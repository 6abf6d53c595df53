package types

import "crypto/ed25519"

// ValidateRelay checks what an operator says of its relay: nothing at all, or a URL as a worker's and an ed25519 key.
func ValidateRelay(url string, key []byte) error {
	if url == "" && len(key) == 0 {
		return nil
	}
	if len(key) != ed25519.PublicKeySize {
		return ErrField.Wrapf("relay_key has %d bytes: it must have %d beside a relay_url, and none without", len(key), ed25519.PublicKeySize)
	}
	if err := ValidateEndpoint(url); err != nil {
		return ErrField.Wrapf("relay_url: %s", err)
	}
	return nil
}

// ServesRelay tells whether the operator has a place in the register of relays: it says where its relay is, and has a device, so that
// it has a bond.
func (o Operator) ServesRelay() bool { return o.RelayUrl != "" && o.Devices > 0 }

// validateRelays checks that places are numbered from 0 without a gap, that exactly the operators with a relay have one, and that none
// was taken later than the clock says: draws would pass it over until then.
func (g GenesisState) validateRelays() error {
	placed := make(map[string]bool, len(g.Relays))
	for i, place := range g.Relays {
		if place.Number != uint64(i) {
			return ErrGenesis.Wrapf("relays[%d] has number %d: they must be in order", i, place.Number)
		}
		if place.Operator == "" {
			if place.Since != 0 {
				return ErrGenesis.Wrapf("relays[%d] is empty since %d: it must be 0", i, place.Since)
			}
			continue
		}
		if place.Since > g.Clock.ActiveMs {
			return ErrGenesis.Wrapf("relays[%d] has since %d: it must be at most clock.active_ms, %d", i, place.Since, g.Clock.ActiveMs)
		}
		if placed[place.Operator] {
			return ErrGenesis.Wrapf("relays: %s has two places", place.Operator)
		}
		placed[place.Operator] = true
	}
	declared := 0
	for _, operator := range g.Operators {
		if !operator.ServesRelay() {
			continue
		}
		if declared++; !placed[operator.Address] {
			return ErrGenesis.Wrapf("operator %s has a relay and no place in relays", operator.Address)
		}
	}
	if declared != len(placed) {
		return ErrGenesis.Wrapf("relays has %d operators, %d have a relay", len(placed), declared)
	}
	return nil
}
