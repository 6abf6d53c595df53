package groth16

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	curve "github.com/assaychain/assay/x/proofs/internal/group"
)

// batchDomain separates the coefficients of a batch.
const batchDomain = "assay/groth16-batch/v2"

// coefficient is the number low + high·λ of the scalar field, where λ is the eigenvalue of the curve's endomorphism
// φ(x, y) = (βx, y) = λ·(x, y). Its 128 random bits thus cost 64 doublings. Different pairs are different numbers: for a difference
// (a, b) that is 0 in the field, λ² + λ + 1 = 0 makes the field's modulus divide a² - ab + b², which is below 2^130 and only 0
// for a = b = 0.
type coefficient struct{ low, high uint64 }

var (
	endomorphism = mustField("2203960485148121921418603742825762020974279258880205651966")
	eigenvalue   = mustScalar("4407920970296243842393367215006156084916469457145843978461")
)

func mustField(decimal string) (e fp.Element) {
	if _, err := e.SetString(decimal); err != nil {
		panic(err)
	}
	return e
}

func mustScalar(decimal string) (e fr.Element) {
	if _, err := e.SetString(decimal); err != nil {
		panic(err)
	}
	return e
}

// coefficients come from a hash.
type coefficients struct {
	hash hash.Hash
	seed []byte
}

func newCoefficients(k *VerifyingKey) *coefficients {
	c := &coefficients{hash: sha256.New()}
	c.hash.Write([]byte(batchDomain))
	c.hash.Write(k.hash[:])
	return c
}

// absorb takes a claim in, which has a fixed length.
func (c *coefficients) absorb(claim Claim) {
	c.hash.Write(claim.Digest[:])
	c.hash.Write(claim.Proof)
}

// seal ends the input.
func (c *coefficients) seal() { c.seed = c.hash.Sum(nil) }

// power multiplies the equation of claim i. The first is 1, which costs no soundness and saves the multiplications of a single
// proof.
func (c *coefficients) power(i uint32) coefficient {
	if i == 0 {
		return coefficient{low: 1}
	}
	return c.at(i)
}

// knowledge multiplies the equations of the commitments.
func (c *coefficients) knowledge() coefficient { return c.at(0) }

func (c *coefficients) at(i uint32) coefficient {
	digest := sha256.Sum256(binary.BigEndian.AppendUint32(c.seed[:len(c.seed):len(c.seed)], i))
	return coefficient{low: binary.BigEndian.Uint64(digest[:8]), high: binary.BigEndian.Uint64(digest[8:16])}
}

// scalar is the coefficient in the field.
func (c coefficient) scalar() fr.Element {
	var low, high fr.Element
	low.SetUint64(c.low)
	high.SetUint64(c.high)
	high.Mul(&high, &eigenvalue)
	return *low.Add(&low, &high)
}

// tableWidth is the number of bits that a multiplication takes of each half at once.
const tableWidth = 2

// times is the multiple of a point.
func (c coefficient) times(p *bn254.G1Affine) (sum bn254.G1Jac) {
	if c == (coefficient{low: 1}) {
		sum.FromAffine(p)
		return sum
	}
	const side = 1 << tableWidth
	var table [side * side]bn254.G1Jac // i + side·j → i·p + j·φ(p).
	moved := moved(p)
	for i := 1; i < side; i++ {
		table[i] = table[i-1]
		table[i].AddMixed(p)
	}
	for i := side; i < len(table); i++ {
		table[i] = table[i-side]
		table[i].AddMixed(&moved)
	}
	for shift := 64 - tableWidth; shift >= 0; shift -= tableWidth {
		sum.DoubleAssign()
		sum.DoubleAssign()
		if at := c.low>>shift&(side-1) | c.high>>shift&(side-1)<<tableWidth; at != 0 {
			sum.AddAssign(&table[at])
		}
	}
	return sum
}

// moved is φ(p).
func moved(p *bn254.G1Affine) bn254.G1Affine {
	q := *p
	q.X.Mul(&q.X, &endomorphism)
	return q
}

// manyPowers is from where on points are cheaper multiplied together than one by one.
const manyPowers = 24

// multiply gives each point times its coefficient.
func multiply(points []bn254.G1Affine, powers []coefficient) []bn254.G1Affine {
	if len(points) < manyPowers {
		products := make([]bn254.G1Jac, len(points))
		for i := range points {
			products[i] = powers[i].times(&points[i])
		}
		return affine(products)
	}
	halves := make([][2]uint64, len(powers))
	for i, p := range powers {
		halves[i] = [2]uint64{p.low, p.high}
	}
	return curve.Multiply(points, halves)
}

// combine gives for each list of points their sum, each point multiplied by its coefficient.
func combine(powers []coefficient, lists ...[]bn254.G1Affine) []bn254.G1Jac {
	out := make([]bn254.G1Jac, len(lists))
	if len(powers) == 1 {
		for l := range lists {
			out[l] = powers[0].times(&lists[l][0])
		}
		return out
	}
	scalars := make([]fr.Element, len(powers))
	for i := range powers {
		scalars[i] = powers[i].scalar()
	}
	all := make([][]curve.Term, len(lists))
	for l, points := range lists {
		all[l] = make([]curve.Term, len(points))
		for i := range points {
			all[l][i] = curve.Term{Scalar: scalars[i], Point: points[i]}
		}
	}
	for l, sum := range curve.Sums(all) {
		out[l].FromAffine(&sum)
	}
	return out
}

// timesScalar is the multiple of a point by a field element.
func timesScalar(p *bn254.G1Affine, scalar *fr.Element) bn254.G1Jac {
	var q, scaled bn254.G1Jac
	q.FromAffine(p)
	scaled.ScalarMultiplication(&q, scalar.BigInt(new(big.Int)))
	return scaled
}

// affine brings points to affine coordinates with one inversion. The library's own function starts goroutines.
func affine(points []bn254.G1Jac) []bn254.G1Affine {
	out := make([]bn254.G1Affine, len(points))
	product := fp.One()
	for i := range points {
		if points[i].Z.IsZero() {
			continue
		}
		out[i].X = product
		product.Mul(&product, &points[i].Z)
	}
	product.Inverse(&product)
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		if p.Z.IsZero() {
			continue
		}
		var inverse, square fp.Element
		inverse.Mul(&out[i].X, &product)
		product.Mul(&product, &p.Z)
		square.Square(&inverse)
		out[i].X.Mul(&p.X, &square)
		out[i].Y.Mul(&p.Y, &square).Mul(&out[i].Y, &inverse)
	}
	return out
}
