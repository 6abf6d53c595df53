package groth16

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
)

const (
	// publicPoints are [K]: for the constant, the public input and the commitment's challenge.
	publicPoints = 3
	// KeySize is the exact length of a verifying key in bytes, points compressed: alpha (G1), beta (G1), beta (G2), gamma (G2),
	// delta (G1), delta (G2), the length of K and its 3 points (G1), the number of commitments (1) with the number of public
	// inputs that the commitment covers (0), the number of commitment keys (1), and that key's two points (G2).
	KeySize = 3*g1Size + 3*g2Size + countSize + publicPoints*g1Size + 3*countSize + 2*g2Size
)

// ErrKey is wrapped when bytes are not a verifying key that can be trusted to bind its public input.
var ErrKey = errors.New("malformed verifying key")

// VerifyingKey is a parsed and linted verifying key. It is read-only.
type VerifyingKey struct {
	hash                          [sha256.Size]byte
	alpha, beta1, delta1          bn254.G1Affine
	beta, gamma, delta            bn254.G2Affine
	k                             [publicPoints]bn254.G1Affine
	commitmentG, commitmentGSigma bn254.G2Affine
	alphaNeg                      bn254.G1Affine
	// lines are the precomputed pairing lines of beta, -gamma, -delta, GSigmaNeg and G.
	lines [fixedPairs]lines
}

// fixedPairs is the number of the key's points that every verification pairs with.
const fixedPairs = 5

type lines = [2][len(bn254.LoopCounter)]bn254.LineEvaluationAff

// ParseVerifyingKey reads a key of exactly KeySize bytes in canonical encoding and lints it. Keep the result: parsing
// costs as much as a verification.
func ParseVerifyingKey(raw []byte) (key *VerifyingKey, err error) {
	if len(raw) != KeySize {
		return nil, fmt.Errorf("%w: %d bytes, want %d: one public input and one commitment", ErrKey, len(raw), KeySize)
	}
	defer recoverTo(&err, ErrKey)
	k := &VerifyingKey{hash: sha256.Sum256(raw)}
	r := &reader{rest: raw}
	k.read(r)
	if r.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, r.err)
	}
	if err := k.lint(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	k.precompute()
	return k, nil
}

func (k *VerifyingKey) precompute() {
	var gammaNeg, deltaNeg bn254.G2Affine
	gammaNeg.Neg(&k.gamma)
	deltaNeg.Neg(&k.delta)
	k.alphaNeg.Neg(&k.alpha)
	for i, p := range [fixedPairs]bn254.G2Affine{k.beta, gammaNeg, deltaNeg, k.commitmentGSigma, k.commitmentG} {
		k.lines[i] = bn254.PrecomputeLines(p)
	}
}

// LintKey tells why a key must not be registered; nil when it may.
func LintKey(raw []byte) error {
	_, err := ParseVerifyingKey(raw)
	return err
}

// Hash is the SHA-256 of the key's bytes, by which the genesis names it.
func (k *VerifyingKey) Hash() [sha256.Size]byte { return k.hash }

func (k *VerifyingKey) read(r *reader) {
	r.g1("alpha", &k.alpha)
	r.g1("beta in g1", &k.beta1)
	r.g2("beta", &k.beta)
	r.g2("gamma", &k.gamma)
	r.g1("delta in g1", &k.delta1)
	r.g2("delta", &k.delta)
	r.count("public points", publicPoints)
	for i := range k.k {
		r.g1(fmt.Sprintf("k[%d]", i), &k.k[i])
	}
	r.count("commitments", 1)
	r.count("public inputs in the commitment", 0)
	r.count("commitment keys", 1)
	r.g2("commitment g", &k.commitmentG)
	r.g2("commitment g sigma", &k.commitmentGSigma)
}

// lint refuses keys under which a public input is not bound, or which no honest setup gives.
func (k *VerifyingKey) lint() error {
	for i, p := range []*bn254.G1Affine{&k.alpha, &k.beta1, &k.delta1, &k.k[0], &k.k[1], &k.k[2]} {
		if p.IsInfinity() {
			return fmt.Errorf("point %d of g1 is at infinity: an input with such a point is not bound", i)
		}
	}
	if err := lintDistinctG1(k.k[:]); err != nil {
		return err
	}
	_, _, _, generator := bn254.Generators()
	for i, p := range []*bn254.G2Affine{&k.beta, &k.gamma, &k.delta, &k.commitmentG, &k.commitmentGSigma} {
		if p.IsInfinity() {
			return fmt.Errorf("point %d of g2 is at infinity", i)
		}
	}
	// Gamma is the generator after a ceremony (https://eprint.iacr.org/2017/1050, section 6); delta is it where nobody contributed.
	if k.gamma.X.Equal(&k.delta.X) || k.delta.X.Equal(&generator.X) {
		return errors.New("delta must differ from gamma and from the generator, up to sign: nobody contributed to it")
	}
	if k.commitmentG.X.Equal(&k.commitmentGSigma.X) {
		return errors.New("the commitment key's two points are the same up to sign: nobody contributed to it")
	}
	return k.lintPairs()
}

// lintDistinctG1 refuses equal and opposite points: with them inputs could be traded for one another.
func lintDistinctG1(points []bn254.G1Affine) error {
	for i := range points {
		for j := range i {
			if points[i].X.Equal(&points[j].X) {
				return fmt.Errorf("k[%d] and k[%d] are the same up to sign", j, i)
			}
		}
	}
	return nil
}

// lintPairs checks that beta and delta are the same scalars in both groups.
func (k *VerifyingKey) lintPairs() error {
	_, _, g1, g2 := bn254.Generators()
	var g1Neg bn254.G1Affine
	g1Neg.Neg(&g1)
	for _, pair := range []struct {
		name string
		in1  *bn254.G1Affine
		in2  *bn254.G2Affine
	}{{"beta", &k.beta1, &k.beta}, {"delta", &k.delta1, &k.delta}} {
		same, err := bn254.PairingCheck([]bn254.G1Affine{*pair.in1, g1Neg}, []bn254.G2Affine{g2, *pair.in2})
		if err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("%s differs between g1 and g2", pair.name)
		}
	}
	return nil
}
