package model_test

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"reflect"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/frontend"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }

// number reads an assigned variable.
func number(v frontend.Variable) *big.Int {
	var e fr.Element
	if _, err := e.SetInterface(v); err != nil {
		panic(err)
	}
	return e.BigInt(new(big.Int))
}

func read(bytes []frontend.Variable) *big.Int {
	out := new(big.Int)
	for i := range bytes {
		out.Add(out, new(big.Int).Lsh(number(bytes[i]), uint(8*i)))
	}
	return out
}

// set writes little-endian bytes; the last takes what is left, whether it is a byte or not.
func set(out []frontend.Variable, v *big.Int) {
	rest := new(big.Int).Set(v)
	for i := range out {
		if i == len(out)-1 {
			out[i] = rest
			return
		}
		out[i] = new(big.Int).And(rest, big.NewInt(255))
		rest = new(big.Int).Rsh(rest, 8)
	}
}

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
			if v.Type().Field(i).IsExported() {
				out = append(out, leaves(name+"."+v.Type().Field(i).Name, v.Field(i))...)
			}
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			out = append(out, leaves(fmt.Sprintf("%s[%d]", name, i), v.Index(i))...)
		}
	}
	return out
}

// deep is a network with every kind of channel: clamped both ways, never clamped, int32 under relu.
func deep() modeltest.Spec {
	return modeltest.Spec{Seed: 5, Rows: 4, Inputs: 5, Layers: []modeltest.Layer{
		{Outputs: 3, Shift: 5, Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT8},
		{Outputs: 3, Shift: 13, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
		{Outputs: 2, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT32},
	}}
}

// TestEveryWitnessPartIsBound changes single variables of an assignment, public input included, and wants the system to refuse
// each. None is free.
func TestEveryWitnessPartIsBound(t *testing.T) {
	c := compile(t, deep())
	assignment := c.assign(t, 2)
	require.NoError(t, c.solve(assignment))
	all := leaves("", reflect.ValueOf(assignment).Elem())
	require.Greater(t, len(all), 200)
	for i, l := range all {
		if i%*stride != 0 {
			continue
		}
		original := *l.at
		*l.at = new(big.Int).Add(number(original), big.NewInt(1))
		require.Error(t, c.solve(assignment), l.name)
		*l.at = original
	}
	require.NoError(t, c.solve(assignment))
}

// TestClaimMustMatchTheOpenings gives the prover an honest digest of a changed statement, with the openings of the original.
func TestClaimMustMatchTheOpenings(t *testing.T) {
	c := compileTiny(t)
	for name, change := range map[string]func(*statement.Row){
		"root x":    func(s *statement.Row) { s.RootX[31] ^= 1 },
		"hidden":    func(s *statement.Row) { s.Steps[0][31] ^= 1 },
		"result":    func(s *statement.Row) { s.Steps[1][31] ^= 1 },
		"swapped":   func(s *statement.Row) { s.Steps[0], s.Steps[1] = s.Steps[1], s.Steps[0] },
		"row":       func(s *statement.Row) { s.Row++ },
		"row digit": func(s *statement.Row) { s.Row += 16 },
		"model":     func(s *statement.Row) { s.Model[31] ^= 1 },
		"model top": func(s *statement.Row) { s.Model[0] ^= 1 },
		"more":      func(s *statement.Row) { s.Steps = append(s.Steps, s.Steps[0]) },
	} {
		s, o, err := c.At(7)
		require.NoError(t, err)
		assignment, err := c.Network.Assign(s, o)
		require.NoError(t, err)
		require.NoError(t, c.solve(assignment))
		change(s)
		require.Error(t, c.Network.Check(s, o), name)
		assignment, err = c.Network.Assign(s, o)
		require.NoError(t, err)
		require.Error(t, c.solve(assignment), name)
	}
}

// forgery is what a dishonest prover builds: commitments of its own to rows that no tensor has, and whatever witness fits.
type forgery struct {
	compiled
	s *statement.Row
	a *model.Circuit
}

func forge(t *testing.T, c compiled) *forgery {
	s, o, err := c.At(1)
	require.NoError(t, err)
	a, err := c.Network.Assign(s, o)
	require.NoError(t, err)
	return &forgery{c, s, a}
}

// commit puts a row of packed elements at the statement's row of an otherwise empty tree.
func (f *forgery) commit(path int, shape tensor.Shape, elements []*big.Int) [32]byte {
	slots := [tensor.Width]fr.Element{fr.NewElement(tensor.LayoutOf(shape).Header)}
	for i, e := range elements {
		slots[1+i].SetBigInt(e)
	}
	leaf := tensor.Compress(slots)
	for level := range f.a.Paths[path] {
		var children [tensor.Width]fr.Element
		children[f.s.Row>>(4*level)%16] = leaf
		for i := range children {
			f.a.Paths[path][level][i] = children[i]
		}
		leaf = tensor.Compress(children)
	}
	return leaf.Bytes()
}

// element packs values whatever they are.
func element(values []*big.Int, bits uint) []*big.Int {
	out := new(big.Int)
	for i, v := range values {
		out.Add(out, new(big.Int).Lsh(v, bits*uint(i)))
	}
	return []*big.Int{out.Mod(out, fr.Modulus())}
}

// redo runs the tiny network's arithmetic on the assigned bytes of X, without any range, and commits to what comes out.
func (f *forgery) redo(t *testing.T) {
	t.Helper()
	in := make([]*big.Int, len(f.a.X))
	packed := make([]*big.Int, len(f.a.X))
	for i := range in {
		packed[i] = number(f.a.X[i])
		in[i] = new(big.Int).Sub(packed[i], big.NewInt(128))
	}
	shape := tensor.Shape{Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 1, Cols: uint32(len(in))}
	f.s.RootX = f.commit(0, shape, element(packed, 8))
	hidden := make([]*big.Int, 4)
	for c := range hidden {
		channel := &f.a.Layers[0].Channels[c]
		numerator := f.accumulate(1, c, in)
		numerator.Mul(numerator, big.NewInt(int64(f.Inputs[1].Multiplier[c]))).Add(numerator, big.NewInt(1<<8))
		quotient := new(big.Int).Rsh(numerator, 9)
		remainder := new(big.Int).Sub(numerator, new(big.Int).Lsh(quotient, 9))
		set(channel.Remainder, remainder)
		hidden[c] = f.clamp(channel, quotient)
	}
	shape.Cols = 4
	offset := make([]*big.Int, 4)
	for i := range offset {
		offset[i] = new(big.Int).Add(hidden[i], big.NewInt(128))
	}
	f.s.Steps[0] = f.commit(1, shape, element(offset, 8))
	words := make([]*big.Int, 2)
	for c := range words {
		words[c] = f.accumulate(2, c, hidden)
		words[c].Add(words[c], big.NewInt(1<<31))
	}
	shape.Cols, shape.Type = 2, program.DATA_TYPE_INT32
	f.s.Steps[1] = f.commit(2, shape, element(words, 32))
	f.redigest(t)
}

// clamp is relu and the upper end, with the witness for it where the circuit has room for one.
func (f *forgery) clamp(channel *model.Channel, quotient *big.Int) *big.Int {
	out := new(big.Int).Set(quotient)
	set(channel.Over, new(big.Int))
	set(channel.Under, new(big.Int))
	if out.Sign() < 0 {
		set(channel.Under, new(big.Int).Neg(out))
		out.SetInt64(0)
	}
	if over := new(big.Int).Sub(out, big.NewInt(127)); over.Sign() > 0 {
		set(channel.Over, over)
		out.SetInt64(127)
	}
	set(channel.Value, out)
	return out
}

func (f *forgery) accumulate(input, channel int, in []*big.Int) *big.Int {
	w := f.Inputs[input]
	acc := big.NewInt(int64(w.Bias[channel]))
	for k, v := range in {
		acc.Add(acc, new(big.Int).Mul(v, big.NewInt(int64(w.Int8[channel*len(in)+k]))))
	}
	return acc
}

func (f *forgery) redigest(t *testing.T) {
	public, err := f.s.Public()
	require.NoError(t, err)
	f.a.Digest = public.Digest()
}

// TestInputsMustBeBytes commits rows of X with values that no int8 has. The forging tools make provable assignments of honest
// rows, so that the refusals come from what each case changes.
func TestInputsMustBeBytes(t *testing.T) {
	c := compileTiny(t)
	for name, change := range map[string]func(x []frontend.Variable){
		"honest":   func([]frontend.Variable) {},
		"another":  func(x []frontend.Variable) { x[0], x[1] = 0, 255 },
		"256":      func(x []frontend.Variable) { x[0] = 256 },
		"negative": func(x []frontend.Variable) { x[3] = -1 },
		"carry": func(x []frontend.Variable) {
			x[0] = new(big.Int).Add(number(x[0]), big.NewInt(256))
			x[1] = new(big.Int).Sub(number(x[1]), big.NewInt(1))
		},
	} {
		f := forge(t, c)
		change(f.a.X)
		f.redo(t)
		if name == "honest" || name == "another" {
			require.NoError(t, c.solve(f.a), name)
			continue
		}
		require.Error(t, c.solve(f.a), name)
	}
}

// TestRowMustBeBits keeps the row's number and splits it into other digits.
func TestRowMustBeBits(t *testing.T) {
	c := compileTiny(t)
	for i := range statement.RowBits - 1 {
		f := forge(t, c)
		f.a.Row[i] = new(big.Int).Add(number(f.a.Row[i]), big.NewInt(2))
		f.a.Row[i+1] = new(big.Int).Sub(number(f.a.Row[i+1]), big.NewInt(1))
		require.Error(t, c.solve(f.a), "bit %d", i)
	}
}

// TestDivisionHasOneAnswer moves units between quotient and remainder, commits to the output that would follow, and clamps
// where nothing is to be clamped.
func TestDivisionHasOneAnswer(t *testing.T) {
	c := compile(t, deep())
	tried := 0
	for layer := range 2 {
		for j := range c.Program.Inputs[1+layer].Rows {
			for _, change := range []int64{-1, 1} {
				s, o, err := c.At(1)
				require.NoError(t, err)
				a, err := c.Network.Assign(s, o)
				require.NoError(t, err)
				channel := &a.Layers[layer].Channels[j]
				shift := uint(c.Program.Steps[layer].Shift)
				remainder := new(big.Int).Sub(read(channel.Remainder), new(big.Int).Lsh(big.NewInt(change), shift))
				set(channel.Remainder, remainder)
				moved := channel.Over
				if change < 0 {
					moved = channel.Under
				}
				if len(moved) == 0 {
					continue
				}
				set(moved, new(big.Int).Add(read(moved), big.NewInt(1)))
				require.Error(t, c.solve(a))
				tried++
			}
		}
	}
	require.Positive(t, tried)
}
