package full

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	// KeyPointsG1 is how many powers of G1 a key holds: of x^0, x^1, x^2.
	KeyPointsG1 = 3
	// KeyPointsG2 is how many powers of G2 it holds: of x^0, x^1, x^2, x^3, x^4, x^8, x^16, ..., x^8192.
	KeyPointsG2 = 4 + maxLogBlock - 1
	// KeySize is the exact length of an encoded key: version (1 byte), development flag (1), the G1 points of 32 bytes each
	// and the G2 points of 64, compressed.
	KeySize = 2 + KeyPointsG1*group.G1Size + KeyPointsG2*group.G2Size

	keyVersion = 1
	// cubeAt is where x^3 stands among the G2 points.
	cubeAt = 3
)

// ErrKey is wrapped when bytes are not a verifying key.
var ErrKey = errors.New("malformed verifying key")

// Exponent of the key's G2 point number i.
func Exponent(i int) uint32 {
	if i <= cubeAt {
		return uint32(i)
	}
	return 1 << (i - 2)
}

// power is the index of the G2 point of x^(2^logarithm).
func power(logarithm int) int {
	if logarithm < 2 {
		return logarithm + 1
	}
	return logarithm + 2
}

// VerifyingKey is the public part of a structured reference string: powers of a secret x in both groups. It serves every
// shape. It is read-only.
type VerifyingKey struct {
	development bool
	g1          [KeyPointsG1]bn254.G1Affine
	g2          [KeyPointsG2]bn254.G2Affine
	hash        [sha256.Size]byte
	// lines are the precomputed pairing lines of the G2 points, in their order, and last those of x + x².
	lines [KeyPointsG2 + 1]lines
}

type lines = [2][len(bn254.LoopCounter)]bn254.LineEvaluationAff

// KeyPoints are what a key is made of.
type KeyPoints struct {
	// Development is set when somebody may know the secret.
	Development bool
	G1          [KeyPointsG1]bn254.G1Affine
	G2          [KeyPointsG2]bn254.G2Affine
}

// EncodeKey writes a key in the form that ParseVerifyingKey reads.
func EncodeKey(p KeyPoints) []byte {
	out := []byte{keyVersion, 0}
	if p.Development {
		out[1] = 1
	}
	for i := range p.G1 {
		raw := p.G1[i].Bytes()
		out = append(out, raw[:]...)
	}
	for i := range p.G2 {
		raw := p.G2[i].Bytes()
		out = append(out, raw[:]...)
	}
	return out
}

// ParseVerifyingKey reads a key of exactly KeySize bytes: canonical points in their groups, none at infinity, the first of
// each the group's generator, and all powers of one x. Keep the result: parsing costs as much as several verifications.
func ParseVerifyingKey(raw []byte) (*VerifyingKey, error) {
	if len(raw) != KeySize {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrKey, len(raw), KeySize)
	}
	if raw[0] != keyVersion {
		return nil, fmt.Errorf("%w: version %d, want %d", ErrKey, raw[0], keyVersion)
	}
	if raw[1] > 1 {
		return nil, fmt.Errorf("%w: development flag %d, want 0 or 1", ErrKey, raw[1])
	}
	k := &VerifyingKey{development: raw[1] == 1, hash: sha256.Sum256(raw)}
	if err := k.readPoints(raw[2:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if err := k.lint(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	k.precompute()
	return k, nil
}

func (k *VerifyingKey) readPoints(raw []byte) (err error) {
	for i := range k.g1 {
		if k.g1[i], err = group.DecodeG1(raw[:group.G1Size]); err != nil {
			return fmt.Errorf("point %d of g1: %w", i, err)
		}
		raw = raw[group.G1Size:]
	}
	for i := range k.g2 {
		if k.g2[i], err = group.DecodeG2(raw[:group.G2Size]); err != nil {
			return fmt.Errorf("point %d of g2: %w", i, err)
		}
		raw = raw[group.G2Size:]
	}
	return nil
}

// lint checks that the points are powers of one x that is neither 0 nor 1. Of x^4 and above only the file's importer, which
// has the powers of G1 for it, can check that they fit; here each must differ from the others.
func (k *VerifyingKey) lint() error {
	_, _, generator1, generator2 := bn254.Generators()
	if !k.g1[0].Equal(&generator1) || !k.g2[0].Equal(&generator2) {
		return errors.New("the first point of each group must be its generator")
	}
	for i := range k.g2 {
		if k.g2[i].IsInfinity() {
			return fmt.Errorf("point %d of g2 is at infinity", i)
		}
		for j := range i {
			if k.g2[i].Equal(&k.g2[j]) {
				return fmt.Errorf("points %d and %d of g2 are equal", j, i)
			}
		}
	}
	return k.lintPairs()
}

// lintPairs checks e(x^i, x^j) = e(x^a, x^b) for the powers up to 4.
func (k *VerifyingKey) lintPairs() error {
	for _, c := range [][4]int{{1, 0, 0, 1}, {2, 0, 0, 2}, {1, 1, 0, 2}, {1, 2, 0, 3}, {2, 2, 0, 4}} {
		var negative bn254.G1Affine
		negative.Neg(&k.g1[c[2]])
		equal, err := pairsToOne([]bn254.G1Affine{k.g1[c[0]], negative}, []bn254.G2Affine{k.g2[c[1]], k.g2[c[3]]})
		if err != nil {
			return err
		}
		if !equal {
			return fmt.Errorf("power %d of g2 does not fit the powers of g1", c[3])
		}
	}
	return nil
}

func pairsToOne(p []bn254.G1Affine, q []bn254.G2Affine) (equal bool, err error) {
	defer recoverTo(&err, ErrKey)
	return bn254.PairingCheck(p, q)
}

func (k *VerifyingKey) precompute() {
	for i := range k.g2 {
		k.lines[i] = bn254.PrecomputeLines(k.g2[i])
	}
	var sum bn254.G2Affine
	sum.Add(&k.g2[1], &k.g2[2])
	k.lines[KeyPointsG2] = bn254.PrecomputeLines(sum)
}

// Hash is the SHA-256 of the key's bytes, by which a genesis names it and every proof is bound to it.
func (k *VerifyingKey) Hash() [sha256.Size]byte { return k.hash }

// Development tells whether somebody may know the key's secret, and so could prove anything. Refuse such keys outside
// development chains.
func (k *VerifyingKey) Development() bool { return k.development }

func recoverTo(err *error, kind error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", kind, r)
	}
}
