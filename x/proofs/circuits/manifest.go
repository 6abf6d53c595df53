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
			ID: statement.CircuitID(statement.ClassSmall), Class: statement.ClassSmall, Constraints: 9241,
			SHA256: "fd759489e8d61d80d41f920cae7987092172624d886628910b4bac3eb0abbedc",
		},
		{
			ID: statement.CircuitID(statement.ClassLarge), Class: statement.ClassLarge, Constraints: 13867,
			SHA256: "96600bedf79d5e6c5300caa9962dd77c114eec3eb0988a9acbf9b027501c8f4d",
		},
		{
			ID: statement.CircuitID(statement.ClassWide), Class: statement.ClassWide, Constraints: 20403,
			SHA256: "2e080054315340e1f7a71414b61da3cbf0a58d5fe6370ce08a1c1e7f978a5c7e",
		},
		{
			ID: statement.CircuitID(statement.ClassMax), Class: statement.ClassMax, Constraints: 30145,
			SHA256: "9d93069d4b663278c4785cb925025f03411a8eb6c7aba4a723cc5a3db81eb2ca",
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
