package model_test

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

	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/program"
)

var (
	// networks is how many random networks the differential test compiles and solves.
	networks = flag.Int("networks", 3, "random networks in the differential test, and shifts in that of the clamps; acceptance runs 48 or more")
	// stride is which witness variables are changed: all with 1.
	stride = flag.Int("stride", 6, "every which variable of a witness is changed; acceptance changes all")
)

// tiny is compiled once.
var tiny = sync.OnceValues(func() (compiled, error) {
	run, err := modeltest.Draw(modeltest.Tiny(40))
	if err != nil {
		return compiled{}, err
	}
	system, err := model.Compile(run.Network)
	return compiled{run, system}, err
})

func compileTiny(t testing.TB) compiled {
	t.Helper()
	c, err := tiny()
	require.NoError(t, err)
	return c
}

// compiled is a network with its constraint system.
type compiled struct {
	*modeltest.Run
	system constraint.ConstraintSystem
}

func compile(t testing.TB, spec modeltest.Spec) compiled {
	t.Helper()
	run, err := modeltest.Draw(spec)
	require.NoError(t, err)
	system, err := model.Compile(run.Network)
	require.NoError(t, err)
	return compiled{run, system}
}

// solve tells whether an assignment satisfies the constraint system; nil when it does. The commitment's challenge is a hash
// of the committed values, which the prover cannot choose either.
func (c compiled) solve(assignment *model.Circuit) error {
	full, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	if err != nil {
		return err
	}
	id := solver.GetHintID(cs.Bsb22CommitmentComputePlaceholder)
	_, err = c.system.Solve(full, solver.OverrideHint(id, challengeOf))
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

// assign opens a row of a run, honestly.
func (c compiled) assign(t testing.TB, row uint32) *model.Circuit {
	t.Helper()
	s, o, err := c.At(row)
	require.NoError(t, err)
	require.NoError(t, c.Network.Check(s, o))
	assignment, err := c.Network.Assign(s, o)
	require.NoError(t, err)
	return assignment
}

// randomSpec draws a network's shape from a number: 1 to 4 layers, every other with extreme contents.
func randomSpec(seed uint64) modeltest.Spec {
	h := seed*0x9e3779b97f4a7c15 + 1
	draw := func(n uint64) uint32 {
		h ^= h >> 29
		h *= 0xbf58476d1ce4e5b9
		h ^= h >> 32
		return uint32(h % n)
	}
	spec := modeltest.Spec{Seed: seed, Rows: 1 + draw(20), Inputs: 1 + draw(70), Extreme: draw(2) == 0}
	if draw(6) == 0 {
		spec.Inputs = 250 + draw(300) // Rows with chunks.
	}
	count := 1 + draw(4)
	for i := range count {
		layer := modeltest.Layer{
			Outputs: 1 + draw(40), Shift: 1 + draw(program.MaxShift), Activation: program.Activation(1 + draw(2)), OutputType: program.DATA_TYPE_INT8,
		}
		if i == count-1 && draw(2) == 0 {
			layer.Shift, layer.OutputType = 0, program.DATA_TYPE_INT32
		}
		spec.Layers = append(spec.Layers, layer)
	}
	return spec
}
