// Package types defines the proofs module's messages, state and errors, and checks them.
package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its error codespace and its routes.
	ModuleName = "proofs"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's store, one byte each. A prefix is never reused for another meaning.
var (
	// ParamsKey → Params.
	ParamsKey = collections.NewPrefix(0)
	// CircuitsPrefix: circuits by id.
	CircuitsPrefix = collections.NewPrefix(1)
	// ActivePrefix: the active circuit's id by class.
	ActivePrefix = collections.NewPrefix(2)
	// SpentPrefix: units spent by block height, of the latest block that spent any.
	SpentPrefix = collections.NewPrefix(3)
	// ModelsPrefix: the active circuit's id by the hash of its model.
	ModelsPrefix = collections.NewPrefix(8)
)
