// Package types has the types of x/penalty: messages, records, parameters, genesis state, and the ports the module needs.
package types

import (
	"cosmossdk.io/collections"
)

const (
	// ModuleName is the module's name, and the name of its account.
	ModuleName = "penalty"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's collections in its store.
var (
	ParamsKey       = collections.NewPrefix(0)
	JailsKey        = collections.NewPrefix(1)
	RecordsKey      = collections.NewPrefix(2)
	ByOperatorKey   = collections.NewPrefix(3)
	NextRecordIDKey = collections.NewPrefix(4)
)
