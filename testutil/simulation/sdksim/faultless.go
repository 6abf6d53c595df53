package sdksim

import (
	"maps"
	"slices"

	"cosmossdk.io/core/comet"
)

// faultless is what consensus says of a block in which nobody signed twice.
type faultless struct{ comet.BlockInfo }

// GetEvidence returns none.
func (faultless) GetEvidence() comet.EvidenceList { return none{} }

type none struct{}

// Len is zero.
func (none) Len() int { return 0 }

// Get is never called.
func (none) Get(int) comet.Evidence { return nil }

func sorted[T any](of map[string]T) []string { return slices.Sorted(maps.Keys(of)) }
