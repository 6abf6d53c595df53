// Package circuits lists the circuits whose proofs the chain accepts, without importing them.
package circuits

import "github.com/assaychain/assay/x/proofs/statement"

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

// Manifest lists every circuit, ascending by class. A test compiles them and compares.
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
	}
}
