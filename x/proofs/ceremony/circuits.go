package ceremony

import (
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/model"
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

// ModelCircuit is the circuit of a network, which gets a ceremony of its own.
func ModelCircuit(network *model.Network) (Circuit, error) {
	described, _, err := model.Describe(network)
	return Circuit{described, func() (proving.System, error) { return model.Compile(network) }}, err
}
