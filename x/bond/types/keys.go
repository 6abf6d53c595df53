// Package types has the types of x/bond: messages, records, parameters, genesis state, and the ports the module needs.
package types

import (
	"cosmossdk.io/collections"
)

const (
	// ModuleName is the module's name, and the name of its account.
	ModuleName = "bond"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's collections in its store.
var (
	ParamsKey         = collections.NewPrefix(0)
	PoolsKey          = collections.NewPrefix(1)
	EntriesKey        = collections.NewPrefix(2)
	QueueKey          = collections.NewPrefix(3)
	NextEntryIDKey    = collections.NewPrefix(4)
	BackingsKey       = collections.NewPrefix(5)
	BackersKey        = collections.NewPrefix(6)
	ClosedKey         = collections.NewPrefix(7)
	NextGenerationKey = collections.NewPrefix(8)
	TotalBondedKey    = collections.NewPrefix(9)
	WaitingKey        = collections.NewPrefix(10)
	ReadyKey          = collections.NewPrefix(11)
	LedgerKey         = collections.NewPrefix(12)
	SegmentsKey       = collections.NewPrefix(13)
	PeriodsKey        = collections.NewPrefix(14)
)
