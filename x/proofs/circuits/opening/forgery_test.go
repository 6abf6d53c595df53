package opening_test

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/frontend"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// forgery is an assignment that a dishonest prover builds: commitments of its own to rows that no tensor has, and whatever
// witness fits. Every honest check outside of the circuit is left out.
type forgery struct {
	s  *statement.Statement
	o  opening.Openings
	a  *opening.Circuit
	at *openingtest.Step
}

// forge starts from an honest opening of the entry (2, 3) of a step.
func forge(t *testing.T, spec openingtest.Spec) *forgery {
	step, err := openingtest.Draw(spec)
	require.NoError(t, err)
	s, o, err := step.At(2, 3, 0)
	require.NoError(t, err)
	a, err := opening.Assign(testClass, s, o)
	require.NoError(t, err)
	return &forgery{s, o, a, step}
}

// commit puts a leaf at a row of an otherwise empty tree, and gives the root and the circuit's path.
func commit(leaf fr.Element, row uint32) (root fr.Element, path [tensor.Depth][tensor.Width]frontend.Variable) {
	for level := range path {
		var children [tensor.Width]fr.Element
		children[row>>(4*level)%16] = leaf
		for i := range children {
			path[level][i] = children[i]
		}
		leaf = tensor.Compress(children)
	}
	return leaf, path
}

// rowLeaf hashes a row of the test class, which has no chunks, from its packed elements.
func rowLeaf(tag uint64, k uint32, elements []*big.Int, trailer *big.Int) fr.Element {
	var slots [tensor.Width]fr.Element
	slots[0].SetUint64(tag + 256*uint64(k))
	for i, e := range elements {
		slots[1+i].SetBigInt(e)
	}
	slots[tensor.TrailerSlot].SetBigInt(trailer)
	return tensor.Compress(slots)
}

// elementsOf packs the bytes of an assigned row, whatever they are.
func elementsOf(bytes []frontend.Variable) []*big.Int {
	out := []*big.Int{}
	for i, b := range bytes {
		if i%tensor.PerElement8 == 0 {
			out = append(out, new(big.Int))
		}
		shifted := new(big.Int).Lsh(number(b), uint(8*(i%tensor.PerElement8)))
		out[len(out)-1].Add(out[len(out)-1], shifted)
	}
	for _, e := range out {
		e.Mod(e, fr.Modulus())
	}
	return out
}

// recommitX makes the statement name a root under which X's row is the assigned bytes.
func (f *forgery) recommitX() {
	root, path := commit(rowLeaf(tensor.TagInt8, f.s.K, elementsOf(f.a.X.Bytes), new(big.Int)), f.s.Row)
	f.s.RootX, f.a.X.Path = root.Bytes(), path
}

// recommitW does the same for W, with a trailer.
func (f *forgery) recommitW(trailer *big.Int) {
	root, path := commit(rowLeaf(tensor.TagWeight, f.s.K, elementsOf(f.a.W.Bytes), trailer), f.s.Col)
	f.s.RootW, f.a.W.Path = root.Bytes(), path
}

func (f *forgery) trailer() *big.Int {
	e := tensor.Trailer(f.o.W.Bias, f.o.W.Multiplier)
	return e.BigInt(new(big.Int))
}

// place is where the entry, whose slot must be its element, lies in Y's leaf.
func (f *forgery) place(t *testing.T) tensor.Location {
	location, err := tensor.Locate(f.s.OutputShape(), f.s.Col)
	require.NoError(t, err)
	require.True(t, location.Inline)
	return location
}

// recommitY names a root under which the entry's element is the given one.
func (f *forgery) recommitY(t *testing.T, element *big.Int) {
	var slots [tensor.Width]fr.Element
	slots[0].SetUint64(tensor.LayoutOf(f.s.OutputShape()).Header)
	slots[f.place(t).Slot].SetBigInt(element)
	for i := range f.a.Y.Slots {
		f.a.Y.Slots[i] = slots[1+i]
	}
	leaf, _ := f.s.OutputShape().Leaf(f.s.Row, f.s.Col)
	root, path := commit(tensor.Compress(slots), leaf)
	f.s.RootY, f.a.Y.Path = root.Bytes(), path
}

// output sets Y's entry to what the assigned bytes give, over all columns of the class, and the witness that goes with it.
func (f *forgery) output(t *testing.T) {
	acc := new(big.Int).SetInt64(int64(f.o.W.Bias))
	for i := range f.a.X.Bytes {
		x, w := new(big.Int).Sub(number(f.a.X.Bytes[i]), big.NewInt(128)), new(big.Int).Sub(number(f.a.W.Bytes[i]), big.NewInt(128))
		acc.Add(acc, x.Mul(x, w))
	}
	if acc.Mod(acc, fr.Modulus()); acc.BitLen() > 200 {
		acc.Sub(acc, fr.Modulus())
	}
	padding := int64(len(f.a.X.Bytes)) - int64(f.s.K)
	acc.Sub(acc, big.NewInt(padding*128*128))
	require.True(t, acc.IsInt64())
	y := acc.Int64()
	require.Less(t, y, int64(1<<31))
	require.GreaterOrEqual(t, y, int64(-1<<31))
	element := big.NewInt(y + 1<<31)
	element.Lsh(element, 32*uint(f.place(t).Value))
	f.recommitY(t, element)
	set(f.a.Y.Bytes[:], element)
	set(f.a.Requant.Above[:], big.NewInt(y+1<<31))
	set(f.a.Requant.Remainder[:], big.NewInt(1))
	set(f.a.Requant.Gap[:], big.NewInt(0))
}

// redigest gives the circuit the digest of the forged statement.
func (f *forgery) redigest(t *testing.T) {
	public, err := f.s.Public()
	require.NoError(t, err)
	f.a.Digest = public.Digest()
}

func set(out []frontend.Variable, v *big.Int) {
	for i := range out {
		out[i] = new(big.Int).And(new(big.Int).Rsh(v, uint(8*i)), big.NewInt(255))
	}
}

// TestForgedCommitmentIsProvableWhenHonest shows that the forging tools themselves make provable assignments, so that the
// refusals below come from what each of them changes.
func TestForgedCommitmentIsProvableWhenHonest(t *testing.T) {
	f := forge(t, int32Spec(10))
	f.recommitX()
	f.recommitW(f.trailer())
	f.output(t)
	f.redigest(t)
	require.NoError(t, solve(system(t, testClass), f.a))
}
