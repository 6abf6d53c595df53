// Package circuits lists the circuits whose proofs the chain accepts, without importing them.
package circuits

import (
	"fmt"
	"slices"

	"github.com/assaychain/assay/x/proofs/statement"
)

// Circuit describes a compiled circuit.
type Circuit struct {
	// ID names it in the registry of verifying keys.
	ID string
	// Class is the widest inner dimension that it proves.
	Class uint32
	// Constraints is the number of rank-1 constraints.
	Constraints int
	// SHA256 is the hex checksum of the compiled constraint system in gnark's encoding.
	SHA256 string
}

// Manifest lists every circuit that this program has, ascending by class. A test compiles them and compares.
func Manifest() []Circuit {
	return []Circuit{
		{
			ID: statement.CircuitID(statement.ClassSmall), Class: statement.ClassSmall, Constraints: 10978,
			SHA256: "dd3910548a4ab73e5e906b0bb34cf4052d0315f73c3d0be104a65b21c409a490",
		},
		{
			ID: statement.CircuitID(statement.ClassLarge), Class: statement.ClassLarge, Constraints: 15604,
			SHA256: "5b0eee5b47d98ada14076d6e1242eb8c4925f3b9b1b2047556040868cdb963e6",
		},
		{
			ID: statement.CircuitID(statement.ClassWide), Class: statement.ClassWide, Constraints: 22140,
			SHA256: "308d11594f1be03092b771635037a0f419e6f025a98cdd4ce851365a00b87a75",
		},
		{
			ID: statement.CircuitID(statement.ClassMax), Class: statement.ClassMax, Constraints: 31882,
			SHA256: "3f4e9617bc6471b0b12af8731407041bb1d5bb1b12fb0fc4279e28763bd80752",
		},
	}
}

// Of lists the circuits of some classes, ascending by class.
func Of(classes ...uint32) ([]Circuit, error) {
	for _, class := range classes {
		if all := statement.Classes(); !slices.Contains(all, class) {
			return nil, fmt.Errorf("class %d: there are circuits of the classes %v", class, all)
		}
	}
	var chosen []Circuit
	for _, circuit := range Manifest() {
		if slices.Contains(classes, circuit.Class) {
			chosen = append(chosen, circuit)
		}
	}
	return chosen, nil
}

// Default lists the circuits that a development network has unless it asks for more: the wider ones take most of a minute to make keys
// for.
func Default() []Circuit {
	chosen, err := Of(statement.DefaultClasses()...)
	if err != nil {
		panic(err)
	}
	return chosen
}
