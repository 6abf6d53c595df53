package opening_test

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/frontend"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
)

// leaf is one variable of an assignment with its path.
type leaf struct {
	name string
	at   *frontend.Variable
}

// leaves walks every variable of an assignment.
func leaves(name string, v reflect.Value) []leaf {
	if v.Type() == reflect.TypeOf((*frontend.Variable)(nil)).Elem() {
		return []leaf{{name, v.Addr().Interface().(*frontend.Variable)}}
	}
	out := []leaf{}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, leaves(name+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			out = append(out, leaves(fmt.Sprintf("%s[%d]", name, i), v.Index(i))...)
		}
	}
	return out
}

// number reads an assigned variable.
func number(v frontend.Variable) *big.Int {
	var e fr.Element
	if _, err := e.SetInterface(v); err != nil {
		panic(err)
	}
	return e.BigInt(new(big.Int))
}

// TestEveryWitnessPartIsBound changes every single variable of an assignment, public input included, and wants the system to
// refuse each. The one exception is stated: an inline entry has no chunk, so the chunk's variables are free.
func TestEveryWitnessPartIsBound(t *testing.T) {
	cases := map[string]struct {
		spec     openingtest.Spec
		row, col uint32
		free     string
	}{
		"int8 in a chunk":  {wide(int8Spec(1), 300), 17, 290, ""},
		"int32 in a chunk": {wide(int32Spec(2), 200), 3, 100, ""},
		"int8 inline":      {int8Spec(3), 19, 39, "Y.Chunk"},
	}
	s := system(t, testClass)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assignment := assign(t, testClass, c.spec, c.row, c.col)
			require.NoError(t, solve(s, assignment))
			for i, l := range leaves("", reflect.ValueOf(assignment).Elem()) {
				if testing.Short() && i%7 != 0 {
					continue
				}
				original := *l.at
				*l.at = new(big.Int).Add(number(original), big.NewInt(1))
				err := solve(s, assignment)
				*l.at = original
				if c.free != "" && strings.HasPrefix(l.name, "."+c.free) {
					require.NoError(t, err, l.name)
					continue
				}
				require.Error(t, err, l.name)
			}
		})
	}
}

func wide(spec openingtest.Spec, n uint32) openingtest.Spec {
	spec.N = n
	return spec
}

func int32Spec(seed uint64) openingtest.Spec {
	spec := int8Spec(seed)
	spec.Shift, spec.OutputType = 0, program.DATA_TYPE_INT32
	return spec
}

// TestClaimMustMatchTheOpenings gives the prover an honest digest of a changed statement, with the openings of the original
// one: everything that says what was computed must be refused by the constraints.
func TestClaimMustMatchTheOpenings(t *testing.T) {
	changes := map[string]func(*statement.Statement){
		"root x":      func(s *statement.Statement) { s.RootX[31] ^= 1 },
		"root w":      func(s *statement.Statement) { s.RootW[31] ^= 1 },
		"root y":      func(s *statement.Statement) { s.RootY[31] ^= 1 },
		"row":         func(s *statement.Statement) { s.Row++ },
		"row digit":   func(s *statement.Statement) { s.Row += 16 },
		"col":         func(s *statement.Statement) { s.Col++ },
		"col digit":   func(s *statement.Statement) { s.Col -= 16 },
		"k larger":    func(s *statement.Statement) { s.K++ },
		"k smaller":   func(s *statement.Statement) { s.K-- },
		"output cols": func(s *statement.Statement) { s.OutputCols++ },
		"shift":       func(s *statement.Statement) { s.Shift-- },
		"activation":  func(s *statement.Statement) { s.Activation = program.ACTIVATION_RELU },
		"output type": func(s *statement.Statement) { s.OutputType, s.Shift = program.DATA_TYPE_INT32, 0 },
	}
	sys := system(t, testClass)
	spec := int8Spec(4)
	spec.Shift = 24
	step, err := openingtest.Draw(spec)
	require.NoError(t, err)
	row, col := negativeEntry(t, step)
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s, o, err := step.At(row, col, 0)
			require.NoError(t, err)
			change(s)
			require.Error(t, opening.Check(s, o))
			assignment, err := opening.Assign(testClass, s, o)
			require.NoError(t, err)
			require.Error(t, solve(sys, assignment))
		})
	}
}

// negativeEntry finds an entry that relu and another shift change, away from the edges of its row.
func negativeEntry(t *testing.T, step *openingtest.Step) (row, col uint32) {
	for i, v := range step.Output() {
		row, col = uint32(i)/step.N, uint32(i)%step.N
		if v < -1 && v > -64 && col >= 16 && col < step.N-1 {
			return row, col
		}
	}
	t.Fatal("no suitable entry")
	return 0, 0
}

// TestContextIsInTheDigest changes each part of a statement and wants another public input, which no proof of the original
// verifies for.
func TestContextIsInTheDigest(t *testing.T) {
	step, err := openingtest.Draw(int8Spec(5))
	require.NoError(t, err)
	original, _, err := step.At(1, 20, 3)
	require.NoError(t, err)
	want, err := original.Digest()
	require.NoError(t, err)
	changes := []func(*statement.Statement){
		func(s *statement.Statement) { s.ChainID += "x" },
		func(s *statement.Statement) { s.JobID++ },
		func(s *statement.Statement) { s.Attempt++ },
		func(s *statement.Statement) { s.Worker = append([]byte{0}, s.Worker...) },
		func(s *statement.Statement) { s.ChainID, s.Worker = s.ChainID+string(s.Worker[:1]), s.Worker[1:] },
		func(s *statement.Statement) { s.Seed[7]++ },
		func(s *statement.Statement) { s.Index++ },
		func(s *statement.Statement) { s.RootX, s.RootW = s.RootW, s.RootX },
		func(s *statement.Statement) { s.Row, s.Col = s.Col, s.Row },
	}
	seen := map[[32]byte]bool{want: true}
	for i, change := range changes {
		s := *original
		change(&s)
		digest, err := s.Digest()
		require.NoError(t, err)
		require.False(t, seen[digest], "change %d", i)
		seen[digest] = true
	}
}
