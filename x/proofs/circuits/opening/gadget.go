package opening

import (
	"errors"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
	"github.com/consensys/gnark/constraint/solver"
	"github.com/consensys/gnark/frontend"

	"github.com/assaychain/assay/x/proofs/tensor"
)

const byteValues = 256

func init() { solver.RegisterHint(countBytes) }

// gadget builds the parts that the circuit is made of. Additions and multiplications by constants cost no constraint.
type gadget struct {
	api    frontend.API
	params *poseidon2.Parameters
	// bytes are the expressions to be shown to lie in 0..255 by assertBytes.
	bytes []frontend.Variable
}

func newGadget(api frontend.API) *gadget {
	return &gadget{api: api, params: poseidon2.NewParameters(tensor.Width, tensor.FullRounds, tensor.PartialRounds)}
}

// sum adds many expressions at once.
func (g *gadget) sum(terms []frontend.Variable) frontend.Variable {
	switch len(terms) {
	case 0:
		return 0
	case 1:
		return terms[0]
	default:
		return g.api.Add(terms[0], terms[1], terms[2:]...)
	}
}

// weigh adds terms with constant weights.
func (g *gadget) weigh(terms []frontend.Variable, weight func(int) *big.Int) frontend.Variable {
	weighted := make([]frontend.Variable, len(terms))
	for i, term := range terms {
		weighted[i] = g.api.Mul(term, weight(i))
	}
	return g.sum(weighted)
}

// dot is the inner product of two vectors, one constraint a term.
func (g *gadget) dot(a, b []frontend.Variable) frontend.Variable {
	products := make([]frontend.Variable, len(a))
	for i := range a {
		products[i] = g.api.Mul(a[i], b[i])
	}
	return g.sum(products)
}

func (g *gadget) fromBits(bits []frontend.Variable) frontend.Variable {
	return g.weigh(bits, func(i int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(i)) })
}

// recompose reads little-endian bytes that are range-checked elsewhere.
func (g *gadget) recompose(bytes []frontend.Variable) frontend.Variable {
	return g.weigh(bytes, powerOf256)
}

// fromBytes reads little-endian bytes and range-checks each: up to 31 of them stay below the modulus.
func (g *gadget) fromBytes(bytes []frontend.Variable) frontend.Variable {
	g.bytes = append(g.bytes, bytes...)
	return g.recompose(bytes)
}

// from31Bits reads 4 little-endian bytes below 2^31: twice the top byte is a byte too.
func (g *gadget) from31Bits(bytes []frontend.Variable) frontend.Variable {
	g.bytes = append(g.bytes, g.api.Mul(2, bytes[wordBytes-1]))
	return g.fromBytes(bytes)
}

// pick selects one of 2^len(bits) values by boolean bits, lowest first.
func (g *gadget) pick(values, bits []frontend.Variable) frontend.Variable {
	for _, bit := range bits {
		next := make([]frontend.Variable, len(values)/2)
		for i := range next {
			next[i] = g.api.Select(bit, values[2*i+1], values[2*i])
		}
		values = next
	}
	return values[0]
}

// climb is the root above a leaf, where path holds the children of each node passed and bits the index of the leaf. Each
// node must be the child that the index names.
func (g *gadget) climb(leaf frontend.Variable, path [tensor.Depth][tensor.Width]frontend.Variable, bits []frontend.Variable) frontend.Variable {
	for level, children := range path {
		digit := bits[digitBits*level : digitBits*(level+1)]
		g.api.AssertIsEqual(leaf, g.pick(children[:], digit))
		leaf = g.compress(children)
	}
	return leaf
}

// assertBytes shows that every collected expression lies in 0..255 by the log-derivative argument: for a challenge c drawn
// from a commitment to all of them and to the multiplicities, sum of 1/(c-query) = sum of multiplicity/(c-value). It uses
// the circuit's one commitment.
func (g *gadget) assertBytes() error {
	committer, ok := g.api.(frontend.Committer)
	if !ok {
		return errors.New("the constraint builder cannot commit")
	}
	counts, err := g.api.NewHint(countBytes, byteValues, g.bytes...)
	if err != nil {
		return err
	}
	challenge, err := committer.Commit(append(append([]frontend.Variable{}, g.bytes...), counts...)...)
	if err != nil {
		return err
	}
	queries := make([]frontend.Variable, len(g.bytes))
	for i, query := range g.bytes {
		queries[i] = g.api.Inverse(g.api.Sub(challenge, query))
	}
	table := make([]frontend.Variable, byteValues)
	for value, count := range counts {
		table[value] = g.api.DivUnchecked(count, g.api.Sub(challenge, value))
	}
	g.api.AssertIsEqual(g.sum(queries), g.sum(table))
	return nil
}

// countBytes counts how often each byte occurs. It leaves out what is not a byte, so that the constraints refuse it, not
// the hint.
func countBytes(_ *big.Int, queries, counts []*big.Int) error {
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
