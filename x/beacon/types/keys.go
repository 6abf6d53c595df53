// Package types defines the beacon module's messages, state and errors, and checks them.
package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its error codespace and its routes.
	ModuleName = "beacon"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's store, one byte each. A prefix is never reused for another meaning.
var (
	// ParamsKey → Params.
	ParamsKey = collections.NewPrefix(0)
	// GenerationKey → how often governance replaced the beacon.
	GenerationKey = collections.NewPrefix(1)
	// LatestKey → highest round posted in the present generation.
	LatestKey = collections.NewPrefix(2)
	// RequestsPrefix: rounds that are waited for.
	RequestsPrefix = collections.NewPrefix(3)
	// RoundsPrefix: rounds posted.
	RoundsPrefix = collections.NewPrefix(4)
	// ReadyPrefix: posted rounds by the consumer that has yet to drain them.
	ReadyPrefix = collections.NewPrefix(5)
	// HeldPrefix: the same pairs by round.
	HeldPrefix = collections.NewPrefix(6)
	// HistoryPrefix: drained rounds by the time they were posted.
	HistoryPrefix = collections.NewPrefix(7)
)
