package types

import (
	"crypto/sha256"
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const (
	// RelaysLimit bounds relays_per_claim.
	RelaysLimit = 16
	// MaxShown is how many chunks a contest shows at most.
	MaxShown = 2
)

var (
	_ sdk.HasValidateBasic = (*MsgHandOver)(nil)
	_ sdk.HasValidateBasic = (*MsgContestHandOver)(nil)
)

// ValidateBasic checks what can be checked without state.
func (m *MsgHandOver) ValidateBasic() error {
	if len(m.BoxRoot) != box.HashSize {
		return ErrReceipt.Wrapf("box_root has %d bytes: it must have %d", len(m.BoxRoot), box.HashSize)
	}
	if len(m.EphemeralKey) != delivery.KeySize {
		return ErrReceipt.Wrapf("ephemeral_key has %d bytes: it must have %d", len(m.EphemeralKey), delivery.KeySize)
	}
	if n := len(m.Receipts); n < 1 || n > RelaysLimit {
		return ErrReceipt.Wrapf("receipts has %d entries: it must have 1 to %d", n, RelaysLimit)
	}
	for i, receipt := range m.Receipts {
		if len(receipt.Signature) != relays.SignatureSize {
			return ErrReceipt.Wrapf("receipts[%d].signature has %d bytes: it must have %d", i, len(receipt.Signature), relays.SignatureSize)
		}
	}
	return validateAddress("worker", m.Worker)
}

// ValidateBasic checks what can be checked without state.
func (m *MsgContestHandOver) ValidateBasic() error {
	if len(m.DeliverySecret) != delivery.KeySize {
		return ErrSecret.Wrapf("delivery_secret has %d bytes: it must have %d", len(m.DeliverySecret), delivery.KeySize)
	}
	if n := len(m.Chunks); n < 1 || n > MaxShown {
		return ErrFault.Wrapf("chunks has %d entries: it must have 1 to %d", n, MaxShown)
	}
	for i, chunk := range m.Chunks {
		if n := len(chunk.Sealed); n <= box.Overhead || n > box.MaxChunk {
			return ErrFault.Wrapf("chunks[%d].sealed has %d bytes: it must have %d to %d", i, n, box.Overhead+1, box.MaxChunk)
		}
		if n := len(chunk.Path); n > box.MaxPath {
			return ErrFault.Wrapf("chunks[%d].path has %d hashes: at most %d", i, n, box.MaxPath)
		}
	}
	if m.Fault < RELAY_FAULT_UNOPENED || m.Fault > RELAY_FAULT_ROW {
		return ErrFault.Wrapf("fault is %d: it must be from %d to %d", m.Fault, RELAY_FAULT_UNOPENED, RELAY_FAULT_ROW)
	}
	return validateAddress("customer", m.Customer)
}

// Accusation is the fault as package box knows it.
func (m *MsgContestHandOver) Accusation() box.Fault {
	return box.Fault{Kind: box.Kind(m.Fault), Level: m.Level, Index: m.Index}
}

// Gas pays for opening and for hashing what is shown; the proof system charges for its own hashes.
func (m *MsgContestHandOver) Gas() uint64 {
	gas := uint64(4 * GasPerKeyExchange)
	for _, chunk := range m.Chunks {
		gas += 2*uint64(len(chunk.Sealed))*GasPerSealedByte + uint64(len(chunk.Path))*GasPerPathHash
	}
	return gas
}

// Last is the present claim; the record must have one.
func (r *RelayRecord) Last() *RelayClaim { return &r.Claims[len(r.Claims)-1] }

// Retire puts the present draw's relays among the earlier ones, each once.
func (r *RelayRecord) Retire() {
	last := r.Last()
	for _, relay := range last.Relays {
		if !slices.Contains(r.Earlier, relay.Operator) {
			r.Earlier = append(r.Earlier, relay.Operator)
		}
	}
	if len(last.BoxRoot) == 0 {
		last.Relays = nil
	}
}

// Operators lists the relays of the present draw, all or those whose receipts were handed over.
func (c *RelayClaim) Operators(receiptsOnly bool) []string {
	var list []string
	for _, relay := range c.Relays {
		if relay.Receipt || !receiptsOnly {
			list = append(list, relay.Operator)
		}
	}
	return list
}

// Dues tells what relays earned of all claims, and what nobody did.
func (r *RelayRecord) Dues() (relayed, unearned math.Int) {
	relayed, unearned = math.ZeroInt(), math.ZeroInt()
	for i := range r.Claims {
		claim := &r.Claims[i]
		paid := claim.RelayFee.MulRaw(int64(len(claim.Operators(true))))
		relayed, unearned = relayed.Add(paid), unearned.Add(claim.Locked.Sub(paid))
	}
	return relayed, unearned
}

// validateRelays refuses a record of relays that no path of the state machine leads to.
func (e JobEntry) validateRelays() error {
	state := e.Job.State.Lifecycle()
	if wants := e.Job.RelayClaims > 0 && state != lifecycle.Closed; wants != (e.Relays != nil) {
		return ErrGenesis.Wrapf("relay_claims is %d while %s: relays must be there exactly while a claimed job is open", e.Job.RelayClaims, state)
	}
	if drawing := state == lifecycle.Drawing; drawing != (e.Job.RelayRound > 0) {
		return ErrGenesis.Wrapf("relay_round is %d while %s", e.Job.RelayRound, state)
	}
	relayed := state == lifecycle.Drawing || state == lifecycle.Relaying || state == lifecycle.HandedOver
	if e.Relays == nil {
		if relayed {
			return ErrGenesis.Wrapf("%s without relays", state)
		}
		return nil
	}
	if !relayed && state != lifecycle.Proven && !state.HoldsDispute() {
		return ErrGenesis.Wrapf("relays while %s", state)
	}
	return e.Relays.validate(e.Job, state)
}

func (r *RelayRecord) validate(job Job, state lifecycle.State) error {
	if n := uint32(len(r.Claims)); n != job.RelayClaims || n > relays.MaxClaims {
		return ErrGenesis.Wrapf("relays.claims has %d entries: relay_claims is %d, at most %d", n, job.RelayClaims, relays.MaxClaims)
	}
	if r.Draw < job.RelayClaims || r.Draw > relays.MaxDraws || len(r.Earlier) > relays.MaxDraws*RelaysLimit {
		return ErrGenesis.Wrapf("relays.draw is %d with %d earlier relays", r.Draw, len(r.Earlier))
	}
	locked := math.ZeroInt()
	for i := range r.Claims {
		if err := r.Claims[i].validate(); err != nil {
			return ErrGenesis.Wrapf("relays.claims[%d]: %s", i, err)
		}
		locked = locked.Add(r.Claims[i].Locked)
	}
	if !locked.Equal(job.ClaimFee) {
		return ErrGenesis.Wrapf("claim_fee is %s: its claims locked %s", job.ClaimFee, locked)
	}
	last := r.Last()
	if drawn, handed := len(last.Relays) > 0, len(last.BoxRoot) > 0; drawn != (state == lifecycle.Relaying || state == lifecycle.HandedOver) ||
		handed != (state == lifecycle.HandedOver) {
		return ErrGenesis.Wrapf("%s with %d relays and a box root of %d bytes", state, len(last.Relays), len(last.BoxRoot))
	}
	for _, operator := range r.Earlier {
		if err := validateAddress("relays.earlier", operator); err != nil {
			return err
		}
	}
	return nil
}

func (c *RelayClaim) validate() error {
	for _, amount := range []math.Int{c.RelayFee, c.Locked} {
		if amount.IsNil() || amount.IsNegative() || amount.BigInt().BitLen() > 2*amountBits {
			return ErrGenesis.Wrap("relay_fee and locked must be given and not negative")
		}
	}
	if c.RelaysWanted < 1 || c.RelaysWanted > RelaysLimit || c.Threshold < 1 || c.Threshold > c.RelaysWanted {
		return ErrGenesis.Wrapf("relays_wanted is %d and threshold %d: they must be from 1 to %d, the threshold not above", c.RelaysWanted, c.Threshold, RelaysLimit)
	}
	if want := c.RelayFee.MulRaw(int64(c.RelaysWanted)); !c.Locked.Equal(want) {
		return ErrGenesis.Wrapf("locked is %s: its fees are %s", c.Locked, want)
	}
	if n := len(c.Relays); n > int(c.RelaysWanted) || (n > 0 && n < int(c.Threshold)) {
		return ErrGenesis.Wrapf("%d relays of %d", n, c.RelaysWanted)
	}
	for _, relay := range c.Relays {
		if err := validateAddress("relays", relay.Operator); err != nil {
			return err
		}
		if err := registrytypes.ValidateRelay(relay.RelayUrl, relay.RelayKey); err != nil {
			return err
		}
	}
	receipts := len(c.Operators(true))
	if handed := len(c.BoxRoot) > 0; handed != (receipts > 0) || (handed && receipts < int(c.Threshold)) {
		return ErrGenesis.Wrapf("%d receipts and a box root of %d bytes", receipts, len(c.BoxRoot))
	}
	if len(c.BoxRoot) > 0 && (len(c.BoxRoot) != sha256.Size || delivery.CheckKey(c.EphemeralKey) != nil) {
		return ErrGenesis.Wrap("box_root and ephemeral_key must have 32 bytes, the key canonical")
	}
	return nil
}
