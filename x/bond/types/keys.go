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
	ParamsKey      = collections.NewPrefix(0)
	StakesKey      = collections.NewPrefix(1)
	EntriesKey     = collections.NewPrefix(2)
	QueueKey       = collections.NewPrefix(3)
	NextEntryIDKey = collections.NewPrefix(4)
)
