package types

import (
	"crypto/ed25519"
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/leases"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// SignatureSize is the size of a gateway's signature under either kind of key.
const SignatureSize = 64

// ValidateGatewayKey checks the form of a gateway's key; none is fine.
func ValidateGatewayKey(key []byte) error {
	switch {
	case len(key) == 0, len(key) == ed25519.PublicKeySize:
		return nil
	case len(key) == secp256k1.PubKeySize && (key[0] == 2 || key[0] == 3):
		return nil
	default:
		return ErrGateway.Wrapf("gateway_key has %d bytes: it must have %d of ed25519, or %d of secp256k1, compressed",
			len(key), ed25519.PublicKeySize, secp256k1.PubKeySize)
	}
}

// Machine is the state as the state machine knows it.
func (s LeaseState) Machine() leases.State {
	if s < LEASE_STATE_RESERVED || s > LEASE_STATE_CLOSED {
		return 0
	}
	return leases.State(s)
}

// Window is the time that the lease takes of its device's calendar.
func (l Lease) Window() leases.Window { return leases.Window{Start: l.Start.Unix(), End: l.End.Unix()} }

// Attested is what the gateway's statements cover.
func (l Lease) Attested() leases.Attested {
	return leases.Attested{Seconds: l.AttestedSeconds, Carry: l.Carry}
}

// Bill is what the lease's time has cost until a moment, at its present rate, and what goes on as its present state says. With a gateway
// nothing is billed by the clock.
func (l Lease) Bill(at time.Time) leases.Bill {
	bill := leases.Bill{Sum: l.Billed, From: l.BilledFrom}
	return bill.Change(l.Rate, at.UnixMilli(), l.State.Machine().Pays() && !l.HasGateway())
}

// SetBill stores a bill.
func (l *Lease) SetBill(bill leases.Bill) { l.Billed, l.BilledFrom = bill.Sum, bill.From }

// EndOutage counts the present outage, if there is one, among those that are over.
func (l *Lease) EndOutage(at time.Time) {
	if l.OutageSince != nil {
		l.MissedMs += uint64(max(0, at.UnixMilli()-l.OutageSince.UnixMilli()))
	}
	l.OutageSince = nil
}

// HasGateway tells whether time is paid as the customer's gateway attests it.
func (l Lease) HasGateway() bool { return len(l.GatewayKey) > 0 }

// Booking is the lease's place in the calendar.
func (l Lease) Booking() Booking {
	return Booking{Start: l.Start.Unix(), End: l.End.Unix(), Lease: l.Id}
}

// Validate refuses a lease that no path of the state machine leads to.
func (l Lease) Validate() error {
	state := l.State.Machine()
	if state == 0 {
		return ErrGenesis.Wrapf("state is %d: it must be from %d to %d", l.State, LEASE_STATE_RESERVED, LEASE_STATE_CLOSED)
	}
	if err := validateAddress("customer", l.Customer); err != nil {
		return err
	}
	if err := validateAddress("operator", l.Operator); err != nil {
		return err
	}
	if err := registrytypes.ValidateDeviceID(l.Device); err != nil {
		return ErrGenesis.Wrapf("device: %s", err)
	}
	if l.Tier < LEASE_TIER_ECONOMY || l.Tier > LEASE_TIER_REALTIME {
		return ErrGenesis.Wrapf("tier is %d: it must be from %d to %d", l.Tier, LEASE_TIER_ECONOMY, LEASE_TIER_REALTIME)
	}
	if err := ValidateGatewayKey(l.GatewayKey); err != nil {
		return err
	}
	if err := l.validateAmounts(); err != nil {
		return err
	}
	return l.validateState(state)
}

func (l Lease) validateAmounts() error {
	for _, f := range []struct {
		name  string
		value math.Int
	}{
		{"rate", l.Rate}, {"booking_fee", l.BookingFee}, {"exposure", l.Exposure}, {"paid", l.Paid}, {"refunded", l.Refunded}, {"billed", l.Billed},
	} {
		if f.value.IsNil() || f.value.IsNegative() {
			return ErrGenesis.Wrapf("%s must be given and not negative", f.name)
		}
	}
	if !l.Rate.IsPositive() || l.Rate.BigInt().BitLen() > amountBits {
		return ErrGenesis.Wrapf("rate must be at least 1 and below 2^%d", amountBits)
	}
	if l.Carry >= leases.Hour {
		return ErrGenesis.Wrapf("carry is %d: it must be below %d", l.Carry, leases.Hour)
	}
	return nil
}

func (l Lease) validateState(state leases.State) error {
	if !wholeSecond(l.Start) || !wholeSecond(l.End) || l.End.Before(l.Start) {
		return ErrGenesis.Wrap("start and end must be whole seconds after 1970, the end not before the start")
	}
	if (l.CloseReason != LEASE_CLOSE_REASON_UNSPECIFIED) != (state == leases.Closed) || (l.PruneAt != 0) != (state == leases.Closed) {
		return ErrGenesis.Wrapf("close_reason is %s and prune_at %d while %s", l.CloseReason, l.PruneAt, state)
	}
	if state.HoldsDevice() && l.ActivatedAt == nil {
		return ErrGenesis.Wrapf("%s without activated_at", state)
	}
	if state.HoldsDevice() && l.HasGateway() == (l.Stream > 0) {
		return ErrGenesis.Wrapf("%s with stream %d and a gateway key of %d bytes: it has one or the other", state, l.Stream, len(l.GatewayKey))
	}
	if (l.BilledFrom != 0) != (state.Pays() && !l.HasGateway()) {
		return ErrGenesis.Wrapf("billed_from is %d while %s with a gateway key of %d bytes", l.BilledFrom, state, len(l.GatewayKey))
	}
	if (l.OutageSince != nil) != (state == leases.Outage) {
		return ErrGenesis.Wrapf("%s with outage_since %v", state, l.OutageSince)
	}
	if state == leases.Notice && (l.NoticeBy != LEASE_PARTY_CUSTOMER && l.NoticeBy != LEASE_PARTY_OPERATOR) {
		return ErrGenesis.Wrapf("notice_by is %d while %s", l.NoticeBy, state)
	}
	if state == leases.Outage && l.Late == 0 {
		return ErrGenesis.Wrapf("late is 0 while %s", state)
	}
	return nil
}

func wholeSecond(t time.Time) bool { return t.Unix() > 0 && t.Nanosecond() == 0 }

// validateLeases refuses leases that contradict each other. Calendars are compared at import.
func (g GenesisState) validateLeases() error {
	last := uint64(0)
	for i, lease := range g.Leases {
		if lease.Id <= last || lease.Id >= g.NextLeaseId {
			return ErrGenesis.Wrapf("leases[%d].id is %d: ids must rise and stay below next_lease_id, %d", i, lease.Id, g.NextLeaseId)
		}
		last = lease.Id
		if err := lease.Validate(); err != nil {
			return ErrGenesis.Wrapf("lease %d: %s", lease.Id, err)
		}
	}
	return g.Demand.Validate()
}

// Validate refuses a snapshot that is not one of all classes.
func (d Demand) Validate() error {
	for _, list := range [][]uint32{d.UtilisationBps, d.PreviousBps} {
		if len(list) != 0 && len(list) != registrytypes.Classes {
			return ErrGenesis.Wrapf("demand has %d classes: it must have %d or none", len(list), registrytypes.Classes)
		}
	}
	if d.Span < 0 || d.PreviousSpan < 0 || d.PreviousSpan > d.Span {
		return ErrGenesis.Wrapf("demand: span is %d after %d: they must rise from 0", d.Span, d.PreviousSpan)
	}
	return nil
}

// ValidateTerms checks what can be checked of a lease's terms without state.
func ValidateTerms(device []byte, maxRate, deposit sdk.Coin, gatewayKey []byte) error {
	if err := registrytypes.ValidateDeviceID(device); err != nil {
		return ErrLease.Wrapf("device: %s", err)
	}
	if err := maxRate.Validate(); err != nil {
		return ErrRate.Wrapf("max_rate: %s", err)
	}
	if err := deposit.Validate(); err != nil {
		return ErrDeposit.Wrapf("deposit: %s", err)
	}
	return ValidateGatewayKey(gatewayKey)
}
