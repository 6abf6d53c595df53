package types

import (
	"bytes"
	"encoding/hex"

	"github.com/assaychain/assay/x/beacon/drand"
)

// Bounds of the parameters.
const (
	// MaxPeriod is the longest time between two rounds, in seconds: a day.
	MaxPeriod = 86_400
	// MaxMinDelay is the largest distance between fixing a round and the round, in seconds: a day.
	MaxMinDelay = 86_400
	// MinHistory is the shortest time a drained round stays readable, in seconds: a minute.
	MinHistory = 60
	// MaxHistory is the longest time a drained round stays readable, in seconds: a year.
	MaxHistory = 365 * 86_400
	// MaxPruned bounds the records that one block may prune.
	MaxPruned = 10_000
)

// Defaults of the parameters.
const (
	// DefaultMinDelay covers the drift of block time in seconds: block time trails the clock by about one block.
	DefaultMinDelay = 12
	// DefaultHistory is a week in seconds.
	DefaultHistory = 7 * 86_400
	// DefaultMaxPruned is how many records a block prunes at most by default.
	DefaultMaxPruned = 100

	quicknetKey = "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451" +
		"0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
	quicknetPeriod  = 3
	quicknetGenesis = 1_692_803_367
)

// Quicknet describes drand's public beacon of that name, as its /info endpoint serves it.
func Quicknet() Chain {
	key, err := hex.DecodeString(quicknetKey)
	if err != nil {
		// A constant of this file: an empty key fails every validation, which is what a typing error deserves.
		key = nil
	}
	return Chain{PublicKey: key, Period: quicknetPeriod, GenesisTime: quicknetGenesis, Scheme: drand.Scheme}
}

// DefaultParams follows drand's quicknet.
func DefaultParams() Params {
	return Params{
		Chain:             Quicknet(),
		MinDelaySeconds:   DefaultMinDelay,
		HistorySeconds:    DefaultHistory,
		MaxPrunedPerBlock: DefaultMaxPruned,
	}
}

// Validate checks every field against its bounds, and that the key is a usable point.
func (p Params) Validate() error {
	if err := p.Chain.Validate(); err != nil {
		return err
	}
	if p.MinDelaySeconds < 1 || p.MinDelaySeconds > MaxMinDelay {
		return ErrParams.Wrapf("min_delay_seconds is %d: it must be from 1 to %d", p.MinDelaySeconds, MaxMinDelay)
	}
	if p.HistorySeconds < MinHistory || p.HistorySeconds > MaxHistory {
		return ErrParams.Wrapf("history_seconds is %d: it must be from %d to %d", p.HistorySeconds, MinHistory, MaxHistory)
	}
	if p.MaxPrunedPerBlock < 1 || p.MaxPrunedPerBlock > MaxPruned {
		return ErrParams.Wrapf("max_pruned_per_block is %d: it must be from 1 to %d", p.MaxPrunedPerBlock, MaxPruned)
	}
	return nil
}

// Validate checks every field, the key's group membership included.
func (c Chain) Validate() error {
	if c.Period < 1 || c.Period > MaxPeriod {
		return ErrParams.Wrapf("chain.period is %d: it must be from 1 to %d seconds", c.Period, MaxPeriod)
	}
	if err := c.Drand().Validate(); err != nil {
		return ErrParams.Wrapf("chain: %s", err)
	}
	return nil
}

// Drand returns the chain as the verifier wants it. The chain must be valid, or its period may be cut.
func (c Chain) Drand() drand.Chain {
	return drand.Chain{PublicKey: c.PublicKey, Period: uint32(c.Period), Genesis: c.GenesisTime, Scheme: c.Scheme}
}

// Same tells whether two descriptions name the same beacon.
func (c Chain) Same(other Chain) bool {
	return bytes.Equal(c.PublicKey, other.PublicKey) && c.Period == other.Period &&
		c.GenesisTime == other.GenesisTime && c.Scheme == other.Scheme
}
