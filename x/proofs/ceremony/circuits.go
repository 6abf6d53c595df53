package ceremony

import (
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/internal/proving"
	"github.com/assaychain/assay/x/proofs/setup"
)

// Circuits are this program's, all of them.
func Circuits() []Circuit { return Of(circuits.Manifest()) }

// Of is a ceremony's view of circuits.
func Of(chosen []circuits.Circuit) []Circuit {
	var all []Circuit
	for _, circuit := range chosen {
		all = append(all, Circuit{circuit, func() (proving.System, error) { return setup.Compile(circuit) }})
	}
	return all
}
