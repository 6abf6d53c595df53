// Package types defines the registry module's messages, state and errors, and checks them.
package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its error codespace and its routes.
	ModuleName = "registry"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Prefixes of the module's store, one byte each. A prefix is never reused for another meaning.
var (
	// ParamsKey → Params.
	ParamsKey = collections.NewPrefix(0)
	// OperatorsPrefix: operators by address.
	OperatorsPrefix = collections.NewPrefix(1)
	// DevicesPrefix: devices by id.
	DevicesPrefix = collections.NewPrefix(2)
	// OwnedPrefix: device ids by operator.
	OwnedPrefix = collections.NewPrefix(3)
	// FreePrefix: devices with a free lane, by class and cell in the order in which they are offered.
	FreePrefix = collections.NewPrefix(4)
	// ClockKey → Clock.
	ClockKey = collections.NewPrefix(5)
	// LapsesPrefix: devices by the moment at which they stop to score.
	LapsesPrefix = collections.NewPrefix(6)
	// ChecksPrefix: the last spot check of each device.
	ChecksPrefix = collections.NewPrefix(7)
	// LastCheckKey → number of the last spot check.
	LastCheckKey = collections.NewPrefix(8)
	// WaitingPrefix: spot checks by the beacon round they wait for.
	WaitingPrefix = collections.NewPrefix(9)
	// ChecksDuePrefix: open spot checks by the moment at which they are looked at.
	ChecksDuePrefix = collections.NewPrefix(10)
	// DrawKey → Draw.
	DrawKey = collections.NewPrefix(11)
	// PlacesPrefix: places by number.
	PlacesPrefix = collections.NewPrefix(12)
	// PlaceOfPrefix: a device's place.
	PlaceOfPrefix = collections.NewPrefix(13)
	// SeatsPrefix: places by operator and kind.
	SeatsPrefix = collections.NewPrefix(14)
	// LeaversPrefix: places that leave after the next draw.
	LeaversPrefix = collections.NewPrefix(15)
	// PlaceCountKey → number of places.
	PlaceCountKey = collections.NewPrefix(16)
	// RelayPlacesPrefix: the register of relays by number.
	RelayPlacesPrefix = collections.NewPrefix(20)
	// RelayOfPrefix: a relay's place by operator.
	RelayOfPrefix = collections.NewPrefix(21)
	// RelayEmptyPrefix: empty places of the register.
	RelayEmptyPrefix = collections.NewPrefix(22)
	// RelayCountKey → number of places of the register.
	RelayCountKey = collections.NewPrefix(25)
	// ModelsPrefix: models of the catalogue by key.
	ModelsPrefix = collections.NewPrefix(23)
	// ModelNamesPrefix: keys of models by their names in normal form.
	ModelNamesPrefix = collections.NewPrefix(24)
	// TelemetryPrefix: what was last reported of a device.
	TelemetryPrefix = collections.NewPrefix(32)
	// TelemetryDuePrefix: devices by the moment at which their report is forgotten.
	TelemetryDuePrefix = collections.NewPrefix(33)
	// SwitchesPrefix: devices by the second at which their hours begin or end next.
	SwitchesPrefix = collections.NewPrefix(34)
	// PricesPrefix: what work of a class usually costs.
	PricesPrefix = collections.NewPrefix(35)
	// ForRentPrefix: number of devices for rent by class.
	ForRentPrefix = collections.NewPrefix(64)
	// RentedPrefix: number of devices that are rented by class.
	RentedPrefix = collections.NewPrefix(65)
	// OccupiedPrefix: the cells that have devices with a free lane, by class.
	OccupiedPrefix = collections.NewPrefix(66)
	// SupplyPrefix: number of devices with a free lane by class and cell.
	SupplyPrefix = collections.NewPrefix(67)
	// CellPointsPrefix: where cells are in the network.
	CellPointsPrefix = collections.NewPrefix(69)
	// MemoriesPrefix: number of devices by class and memory.
	MemoriesPrefix = collections.NewPrefix(68)
	// PoolsPrefix: pools of operators by id.
	PoolsPrefix = collections.NewPrefix(74)
	// PoolMembersPrefix: operators by pool.
	PoolMembersPrefix = collections.NewPrefix(75)
	// PoolsOfPrefix: pools by owner.
	PoolsOfPrefix = collections.NewPrefix(76)
	// LastPoolKey → id of the last pool.
	LastPoolKey = collections.NewPrefix(77)
	// LanesPrefix: class, cell → number of lanes offered to jobs; cell 0 → those of the whole class.
	LanesPrefix = collections.NewPrefix(70)
)
