// Package types has the types of x/dao: messages, grants, scheduled changes, parameters, genesis state, and the ports the
// module needs.
package types

import (
	"cosmossdk.io/collections"
)

const (
	// ModuleName is the module's name, and the name of its account: the treasury.
	ModuleName = "dao"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's collections in its store.
var (
	ParamsKey        = collections.NewPrefix(0)
	GrantsKey        = collections.NewPrefix(1)
	ByRecipientKey   = collections.NewPrefix(2)
	NextGrantIDKey   = collections.NewPrefix(3)
	GrantCountKey    = collections.NewPrefix(4)
	ReservedKey      = collections.NewPrefix(5)
	ScheduledKey     = collections.NewPrefix(6)
	QueueKey         = collections.NewPrefix(7)
	WaitingKey       = collections.NewPrefix(8)
	OutcomesKey      = collections.NewPrefix(9)
	NextOutcomeIDKey = collections.NewPrefix(10)
	VerdictKey       = collections.NewPrefix(11)
)
