package types

import (
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/escrow/settlement"
)

// MaxShares bounds the shares of a stream beside its payee's.
const MaxShares = 4

// StreamSpec is what a module asks for when it opens a stream.
type StreamSpec struct {
	// Payee gets what is left of every payment after the shares, the protocol's fee and the burn, rounded down.
	Payee sdk.AccAddress
	// RatePerHour is the whole rate, shares included. Zero opens it paused.
	RatePerHour math.Int
	// Shares go to others: royalties and pools.
	Shares []Share
}

// NewStream returns the stream that a specification describes, from a moment on. It keeps the fee and the burn of the present
// parameters for its whole life: if they changed under it, what it pays would depend on when it is settled.
func NewStream(a Account, number uint32, spec StreamSpec, params Params, now int64) (Stream, error) {
	s := Stream{
		Scope: a.Scope, Id: a.Id, Number: number, Payee: spec.Payee.String(), Rate: spec.RatePerHour, Through: now,
		Paid: math.ZeroInt(), Shares: spec.Shares, ProtocolFeeBps: params.ProtocolFeeBps, BurnBps: params.BurnBps,
	}
	return s, s.validateTerms()
}

// Name is how errors and logs name the stream.
func (s Stream) Name() string {
	return fmt.Sprintf("stream %s/%d/%d", s.Scope, s.Id, s.Number)
}

// State is the stream's state for the arithmetic.
func (s Stream) State() settlement.Stream {
	return settlement.Stream{Rate: s.Rate, Remainder: s.Remainder, Through: s.Through, Paid: s.Paid}
}

// WithState returns the stream in another state.
func (s Stream) WithState(state settlement.Stream) Stream {
	s.Rate, s.Remainder, s.Through, s.Paid = state.Rate, state.Remainder, state.Through, state.Paid
	return s
}

// Bps are the shares of every payment in the order in which they are cut off: payee, others, burn. The rest is the protocol's.
func (s Stream) Bps() []uint32 {
	payee := uint32(settlement.BasisPoints) - s.ProtocolFeeBps - s.BurnBps
	bps := make([]uint32, 1, len(s.Shares)+2)
	for _, share := range s.Shares {
		payee -= share.Bps
		bps = append(bps, share.Bps)
	}
	bps[0] = payee
	return append(bps, s.BurnBps)
}

// Portion is a part of a payment and whom it is for.
type Portion struct {
	// Recipient is an address; empty for the protocol's share and the burn.
	Recipient string
	// Role is the role of the payout.
	Role string
	// Amount may be zero.
	Amount math.Int
}

// Portions cuts what the stream is paid, from one running total to another.
func (s Stream) Portions(from, to math.Int) ([]Portion, error) {
	parts, err := settlement.Grow(from, to, s.Bps())
	if err != nil {
		return nil, ErrBroken.Wrapf("%s: %v", s.Name(), err)
	}
	portions := make([]Portion, 0, len(parts))
	portions = append(portions, Portion{Recipient: s.Payee, Role: RoleRecipient, Amount: parts[0]})
	for i, share := range s.Shares {
		portions = append(portions, Portion{Recipient: share.Recipient, Role: share.Role, Amount: parts[i+1]})
	}
	rest := parts[len(s.Shares)+1:]
	return append(portions, Portion{Role: RoleProtocol, Amount: rest[1]}, Portion{Role: RoleBurn, Amount: rest[0]}), nil
}

// validateTerms checks what a stream was opened with.
func (s Stream) validateTerms() error {
	if err := canonicalAddress(s.Payee); err != nil {
		return ErrStream.Wrapf("%s: payee %q: %v", s.Name(), s.Payee, err)
	}
	if err := settlement.CheckRate(s.Rate); err != nil {
		return ErrStream.Wrapf("%s: %v", s.Name(), err)
	}
	if len(s.Shares) > MaxShares {
		return ErrStream.Wrapf("%s: at most %d shares, got %d", s.Name(), MaxShares, len(s.Shares))
	}
	sum := uint64(s.ProtocolFeeBps) + uint64(s.BurnBps)
	for _, share := range s.Shares {
		if share.Role != RoleRoyalty && share.Role != RolePool {
			return ErrStream.Wrapf("%s: role of a share must be %s or %s, got %q", s.Name(), RoleRoyalty, RolePool, share.Role)
		}
		if err := canonicalAddress(share.Recipient); err != nil {
			return ErrStream.Wrapf("%s: recipient %q of the %s: %v", s.Name(), share.Recipient, share.Role, err)
		}
		sum += uint64(share.Bps)
	}
	if sum > settlement.BasisPoints {
		return ErrStream.Wrapf("%s: shares, protocol fee and burn are %d basis points of %d", s.Name(), sum, settlement.BasisPoints)
	}
	return nil
}

// Validate checks a stream of a genesis state on its own.
func (s Stream) Validate() error {
	if err := ValidateScope(s.Scope); err != nil {
		return err
	}
	if err := s.validateTerms(); err != nil {
		return err
	}
	if s.Number == 0 || s.Through < 0 || s.Remainder >= settlement.Hour {
		return ErrGenesis.Wrapf("%s: number must be positive, through not negative, remainder below %d", s.Name(), settlement.Hour)
	}
	if s.Paid.IsNil() || s.Paid.IsNegative() {
		return ErrGenesis.Wrapf("%s: paid must be given and not negative", s.Name())
	}
	return nil
}
