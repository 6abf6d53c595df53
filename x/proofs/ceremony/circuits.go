package ceremony

import (
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/internal/proving"
	"github.com/assaychain/assay/x/proofs/setup"
)

// Circuits are this program's.
func Circuits() []Circuit {
	var all []Circuit
	for _, circuit := range circuits.Manifest() {
		all = append(all, Circuit{circuit, func() (proving.System, error) { return setup.Compile(circuit) }})
	}
	return all
}
