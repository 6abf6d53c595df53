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
	ParamsKey        = collections.NewPrefix(0)
	JailsKey         = collections.NewPrefix(1)
	RecordsKey       = collections.NewPrefix(2)
	ByOperatorKey    = collections.NewPrefix(3)
	NextRecordIDKey  = collections.NewPrefix(4)
	HoldsKey         = collections.NewPrefix(5)
	SettledKey       = collections.NewPrefix(6)
	AppealsKey       = collections.NewPrefix(7)
	ConductsKey      = collections.NewPrefix(8)
	ReviewsKey       = collections.NewPrefix(9)
	EvidenceKey      = collections.NewPrefix(10)
	EvidenceFloorKey = collections.NewPrefix(11)
)
