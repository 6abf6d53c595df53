// Package types defines the emission module's messages, state and errors, and checks them.
package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its account, its error codespace and its routes.
	ModuleName = "emission"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's store, one byte each. A prefix is never reused for another meaning.
var (
	// ParamsKey → Params.
	ParamsKey = collections.NewPrefix(0)
	// ProgressKey → Progress.
	ProgressKey = collections.NewPrefix(1)
	// DuesKey → Dues.
	DuesKey = collections.NewPrefix(2)
	// TotalsKey → Totals.
	TotalsKey = collections.NewPrefix(3)
	// PeriodsPrefix: closed periods by number.
	PeriodsPrefix = collections.NewPrefix(4)
	// ClaimsPrefix: last settled period by operator.
	ClaimsPrefix = collections.NewPrefix(5)
)
