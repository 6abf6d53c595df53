package opening_test

import (
	"crypto/sha256"
	"flag"
	"math/big"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/constraint/solver"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
)

// openings is how many random openings the differential test solves.
var openings = flag.Int("openings", 400, "random openings in the differential test; acceptance runs 10000")

// testClass is the smallest class that exercises a partly filled last element: the circuit is the same but for its width.
const testClass = 64

var (
	systemsMu sync.Mutex
	systems   = map[uint32]constraint.ConstraintSystem{}
)

// system compiles each class once.
func system(t testing.TB, class uint32) constraint.ConstraintSystem {
	systemsMu.Lock()
	defer systemsMu.Unlock()
	if s, ok := systems[class]; ok {
		return s
	}
	s, err := opening.Compile(class)
	require.NoError(t, err)
	systems[class] = s
	return s
}

// solve tells whether an assignment satisfies the constraint system; nil when it does. The commitment's challenge is a hash
// of the committed values, which the prover cannot choose either.
func solve(s constraint.ConstraintSystem, assignment *opening.Circuit) error {
	full, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	if err != nil {
		return err
	}
	id := solver.GetHintID(cs.Bsb22CommitmentComputePlaceholder)
	_, err = s.Solve(full, solver.OverrideHint(id, challengeOf))
	return err
}

func challengeOf(field *big.Int, inputs, outputs []*big.Int) error {
	hash := sha256.New()
	for _, input := range inputs {
		hash.Write(input.FillBytes(make([]byte, 32)))
	}
	outputs[0].SetBytes(hash.Sum(nil))
	outputs[0].Mod(outputs[0], field)
	return nil
}

// assign draws a step and assigns one of its entries to the circuit of a class.
func assign(t testing.TB, class uint32, spec openingtest.Spec, row, col uint32) *opening.Circuit {
	step, err := openingtest.Draw(spec)
	require.NoError(t, err)
	statement, o, err := step.At(row, col, 3)
	require.NoError(t, err)
	require.NoError(t, opening.Check(statement, o))
	assignment, err := opening.Assign(class, statement, o)
	require.NoError(t, err)
	return assignment
}

func int8Spec(seed uint64) openingtest.Spec {
	return openingtest.Spec{
		Seed: seed, M: 20, N: 40, K: 50, Shift: 40, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8,
	}
}

func BenchmarkSolve(b *testing.B) {
	for _, class := range []uint32{testClass, 256, 1024} {
		assignment := assign(b, class, openingtest.Spec{
			Seed: 1, M: 3, N: 5, K: class, Shift: 30, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
		}, 1, 4)
		s := system(b, class)
		b.Run(big.NewInt(int64(class)).String(), func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, solve(s, assignment))
			}
		})
	}
}
