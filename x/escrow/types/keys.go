// Package types has the types of x/escrow: messages, records, parameters, genesis state, and the ports the module needs.
package types

import (
	"cosmossdk.io/collections"
)

const (
	// ModuleName is the module's name, and the name of its account.
	ModuleName = "escrow"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's collections in its store.
var (
	ParamsKey      = collections.NewPrefix(0)
	AccountsKey    = collections.NewPrefix(1)
	ByDepositorKey = collections.NewPrefix(2)
	StreamsKey     = collections.NewPrefix(3)
	ByPayeeKey     = collections.NewPrefix(4)
	QueueKey       = collections.NewPrefix(5)
	DriedKey       = collections.NewPrefix(6)
	OutboxKey      = collections.NewPrefix(7)
)

// Roles of a payout.
const (
	// RoleRecipient is the share of whoever did the work.
	RoleRecipient = "recipient"
	// RoleRoyalty is the share of the author of what was run, such as a model.
	RoleRoyalty = "royalty"
	// RolePool is the share of a pool of operators.
	RolePool = "pool"
	// RoleProtocol is the community pool's share.
	RoleProtocol = "protocol"
	// RoleBurn is the share destroyed.
	RoleBurn = "burn"
	// RoleDiverted is a recipient's share that could not be delivered and went to the community pool.
	RoleDiverted = "diverted"
)
