package chain

import (
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// SignedTx is a transaction as it is journalled before it is sent. It can be sent any number of times: the chain takes it
// at most once, and never after TimeoutHeight.
type SignedTx struct {
	// Hash is upper-case hexadecimal, as nodes print it.
	Hash     string `json:"hash"`
	Bytes    []byte `json:"bytes"`
	Sequence uint64 `json:"sequence"`
	// TimeoutHeight is the last block that may take the transaction.
	TimeoutHeight uint64 `json:"timeout_height"`
}

// TxState says where a sent transaction stands.
type TxState int

const (
	// TxPending may still be taken by a block.
	TxPending TxState = iota
	// TxLanded is in a block; its code says whether it had an effect.
	TxLanded
	// TxDead is in no block and can never be.
	TxDead
)

// Outcome is what became of a transaction.
type Outcome struct {
	State  TxState
	Height int64
	// Code is 0 for success; Log explains another one.
	Code uint32
	Log  string
}

// OK tells whether the transaction is in a block and had its effect.
func (o Outcome) OK() bool { return o.State == TxLanded && o.Code == 0 }

var (
	// ErrRefused is wrapped when the chain refuses a transaction before it is in any block: sending the same again is useless
	// until its state changes.
	ErrRefused = errors.New("transaction refused")
	// ErrUnknown is wrapped when the node's answer is missing: the transaction may or may not be on its way.
	ErrUnknown = errors.New("fate of the transaction unknown")
	// ErrFeeCap is wrapped when a transaction would cost more than the configured cap; nothing is sent.
	ErrFeeCap = errors.New("fee above the cap")
)

// Refusal is the chain's answer to a transaction it does not take. It wraps ErrRefused.
type Refusal struct {
	Codespace string
	Code      uint32
	Log       string
}

// Error names the code and the chain's explanation.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: %s/%d: %s", ErrRefused, r.Codespace, r.Code, r.Log)
}

// Unwrap makes errors.Is find ErrRefused.
func (r *Refusal) Unwrap() error { return ErrRefused }

// FeePolicy says what a transaction may cost.
type FeePolicy struct {
	// GasPrice is paid per unit of gas, in one denomination.
	GasPrice sdk.DecCoin
	// GasAdjustment multiplies the simulated gas, above 1 for safety.
	GasAdjustment float64
	// MaxFee is the most that one transaction may cost, in the gas price's denomination.
	MaxFee sdk.Coin
}

// Validate names the first field that can't be worked with.
func (p FeePolicy) Validate() error {
	switch {
	case p.GasPrice.Validate() != nil:
		return fmt.Errorf("gas price: %w", p.GasPrice.Validate())
	case p.GasAdjustment < 1 || p.GasAdjustment > 10:
		return fmt.Errorf("gas adjustment %g not in 1..10", p.GasAdjustment)
	case p.MaxFee.Validate() != nil:
		return fmt.Errorf("fee cap: %w", p.MaxFee.Validate())
	case p.MaxFee.Denom != p.GasPrice.Denom:
		return fmt.Errorf("fee cap is in %q, gas price in %q", p.MaxFee.Denom, p.GasPrice.Denom)
	}
	return nil
}

// fee is the price of an amount of gas, rounded up.
func (p FeePolicy) fee(gas uint64) (sdk.Coins, error) {
	amount := p.GasPrice.Amount.MulInt(math.NewIntFromUint64(gas)).Ceil().TruncateInt()
	fee := sdk.NewCoin(p.GasPrice.Denom, amount)
	if fee.Amount.GT(p.MaxFee.Amount) {
		return nil, fmt.Errorf("%w: %s for %d gas, the cap is %s", ErrFeeCap, fee, gas, p.MaxFee)
	}
	return sdk.NewCoins(fee), nil
}
