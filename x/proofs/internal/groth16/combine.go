package groth16

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
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

// combine is the sum of points, each multiplied by its coefficient, by Pippenger's buckets: https://cr.yp.to/papers/pippenger.pdf.
func combine(points []bn254.G1Affine, powers []coefficient) (sum bn254.G1Jac) {
	if len(points) == 1 {
		return powers[0].times(&points[0])
	}
	all, scalars := make([]bn254.G1Affine, 0, 2*len(points)), make([]uint64, 0, 2*len(points))
	for i := range points {
		all = append(all, points[i], moved(&points[i]))
		scalars = append(scalars, powers[i].low, powers[i].high)
	}
	width := windowFor(len(all))
	buckets := make([]bn254.G1Jac, 1<<width)
	for shift := (64 - 1) / width * width; shift >= 0; shift -= width {
		for range width {
			sum.DoubleAssign()
		}
		window := sumWindow(buckets, all, scalars, shift)
		sum.AddAssign(&window)
	}
	return sum
}

// sumWindow is the sum of the points, each multiplied by a digit of its scalar.
func sumWindow(buckets []bn254.G1Jac, points []bn254.G1Affine, scalars []uint64, shift int) (sum bn254.G1Jac) {
	clear(buckets)
	for i := range points {
		if digit := scalars[i] >> shift & uint64(len(buckets)-1); digit != 0 {
			buckets[digit].AddMixed(&points[i])
		}
	}
	var running bn254.G1Jac
	for digit := len(buckets) - 1; digit > 0; digit-- {
		running.AddAssign(&buckets[digit])
		sum.AddAssign(&running)
	}
	return sum
}

// windowFor is the number of bits of a digit: with n points a window costs n additions and 2·2^width more, each a quarter dearer.
func windowFor(n int) int {
	width, least := 1, 0
	for w := 1; w <= 12; w++ {
		cost := (64 + w - 1) / w * (4*n + 10<<w)
		if w == 1 || cost < least {
			width, least = w, cost
		}
	}
	return width
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
