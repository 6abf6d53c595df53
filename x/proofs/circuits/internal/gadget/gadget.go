// Package gadget has the parts that the circuits are made of: packing, paths, the hash of commitments and range checks. A change
// here changes the compiled circuits and makes their keys void, which the manifest's test notices.
package gadget

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/constraint/solver"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	byteValues = 256
	// WordBytes is the size of a 32-bit word.
	WordBytes = 4
	// digitBits is how many bits of a row's index a level of a path consumes.
	digitBits = 4
)

// Builder builds the parts over an API. Additions and multiplications by constants cost no constraint.
type Builder struct {
	// API is the constraint builder.
	API    frontend.API
	params *poseidon2.Parameters
	// bytes are the expressions to be shown to lie in 0..255 by AssertBytes.
	bytes []frontend.Variable
}

// New starts a circuit.
func New(api frontend.API) *Builder {
	return &Builder{API: api, params: poseidon2.NewParameters(tensor.Width, tensor.FullRounds, tensor.PartialRounds)}
}

// Sum adds many expressions at once.
func (g *Builder) Sum(terms []frontend.Variable) frontend.Variable {
	switch len(terms) {
	case 0:
		return 0
	case 1:
		return terms[0]
	default:
		return g.API.Add(terms[0], terms[1], terms[2:]...)
	}
}

// Weigh adds terms with constant weights.
func (g *Builder) Weigh(terms []frontend.Variable, weight func(int) *big.Int) frontend.Variable {
	weighted := make([]frontend.Variable, len(terms))
	for i, term := range terms {
		weighted[i] = g.API.Mul(term, weight(i))
	}
	return g.Sum(weighted)
}

// Dot is the inner product of two vectors, one constraint a term.
func (g *Builder) Dot(a, b []frontend.Variable) frontend.Variable {
	products := make([]frontend.Variable, len(a))
	for i := range a {
		products[i] = g.API.Mul(a[i], b[i])
	}
	return g.Sum(products)
}

// FromBits reads bits, lowest first, that are shown to be bits elsewhere.
func (g *Builder) FromBits(bits []frontend.Variable) frontend.Variable {
	return g.Weigh(bits, func(i int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(i)) })
}

// Recompose reads little-endian bytes that are range-checked elsewhere.
func (g *Builder) Recompose(bytes []frontend.Variable) frontend.Variable {
	return g.Weigh(bytes, PowerOf256)
}

// Bytes notes expressions to be range-checked to 0..255.
func (g *Builder) Bytes(values ...frontend.Variable) { g.bytes = append(g.bytes, values...) }

// FromBytes reads little-endian bytes and range-checks each: up to 31 of them stay below the modulus.
func (g *Builder) FromBytes(bytes []frontend.Variable) frontend.Variable {
	g.Bytes(bytes...)
	return g.Recompose(bytes)
}

// From31Bits reads 4 little-endian bytes below 2^31: twice the top byte is a byte too.
func (g *Builder) From31Bits(bytes []frontend.Variable) frontend.Variable {
	g.Bytes(g.API.Mul(2, bytes[WordBytes-1]))
	return g.FromBytes(bytes)
}

// Pick selects one of 2^len(bits) values by boolean bits, lowest first.
func (g *Builder) Pick(values, bits []frontend.Variable) frontend.Variable {
	for _, bit := range bits {
		next := make([]frontend.Variable, len(values)/2)
		for i := range next {
			next[i] = g.API.Select(bit, values[2*i+1], values[2*i])
		}
		values = next
	}
	return values[0]
}

// Climb is the root above a leaf, where path holds the children of each node passed and bits the index of the leaf. Each
// node must be the child that the index names.
func (g *Builder) Climb(leaf frontend.Variable, path [tensor.Depth][tensor.Width]frontend.Variable, bits []frontend.Variable) frontend.Variable {
	for level, children := range path {
		digit := bits[digitBits*level : digitBits*(level+1)]
		g.API.AssertIsEqual(leaf, g.Pick(children[:], digit))
		leaf = g.Compress(children)
	}
	return leaf
}

// AssertBytes shows that every collected expression lies in 0..255 by the log-derivative argument: for a challenge c drawn
// from a commitment to all of them and to the multiplicities, sum of 1/(c-query) = sum of multiplicity/(c-value). It uses
// the circuit's one commitment. count is the circuit's own hint over CountBytes: a hint is known by its package and name, which
// is part of the compiled circuit.
func (g *Builder) AssertBytes(count solver.Hint) error {
	committer, ok := g.API.(frontend.Committer)
	if !ok {
		return errors.New("the constraint builder cannot commit")
	}
	counts, err := g.API.NewHint(count, byteValues, g.bytes...)
	if err != nil {
		return err
	}
	challenge, err := committer.Commit(append(append([]frontend.Variable{}, g.bytes...), counts...)...)
	if err != nil {
		return err
	}
	queries := make([]frontend.Variable, len(g.bytes))
	for i, query := range g.bytes {
		queries[i] = g.API.Inverse(g.API.Sub(challenge, query))
	}
	table := make([]frontend.Variable, byteValues)
	for value, count := range counts {
		table[value] = g.API.DivUnchecked(count, g.API.Sub(challenge, value))
	}
	g.API.AssertIsEqual(g.Sum(queries), g.Sum(table))
	return nil
}

// CountBytes counts how often each byte occurs. It leaves out what is not a byte, so that the constraints refuse it, not
// the hint.
func CountBytes(_ *big.Int, queries, counts []*big.Int) error {
	var occurrences [byteValues]int64
	for _, query := range queries {
		if query.IsUint64() && query.Uint64() < byteValues {
			occurrences[query.Uint64()]++
		}
	}
	for value := range counts {
		counts[value].SetInt64(occurrences[value])
	}
	return nil
}

// PowerOf256 is a weight of a little-endian byte.
func PowerOf256(i int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(8*i)) }

// Checksum is the SHA-256 of a constraint system in gnark's encoding.
func Checksum(system constraint.ConstraintSystem) ([sha256.Size]byte, error) {
	hash := sha256.New()
	if _, err := system.WriteTo(hash); err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("encode the constraint system: %w", err)
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}
