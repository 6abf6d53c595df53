package groth16

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	curve "github.com/assaychain/assay/x/proofs/internal/group"
)

const (
	g1Size = bn254.SizeOfG1AffineCompressed
	g2Size = bn254.SizeOfG2AffineCompressed
	// ProofSize is the exact length of a proof in bytes: Ar (G1, 32), Bs (G2, 64), Krs (G1, 32), the number of commitments
	// (4, big endian, always 1), the commitment (G1, 32) and its proof of knowledge (G1, 32), points compressed.
	ProofSize = 4*g1Size + g2Size + countSize
	// countSize is the length of a slice's length.
	countSize = 4
	// DigestSize is the length of a public input in bytes.
	DigestSize = fr.Bytes
)

var (
	// ErrProofLength is wrapped when a proof has not exactly ProofSize bytes.
	ErrProofLength = errors.New("wrong proof length")
	// ErrProofEncoding is wrapped when a proof of the right length is not the canonical encoding of points of the groups.
	ErrProofEncoding = errors.New("malformed proof")
	// ErrDigest is wrapped when a public input is not a canonical field element.
	ErrDigest = errors.New("malformed public input")
	// ErrProofInvalid is returned when a well-formed proof does not prove its public input.
	ErrProofInvalid = errors.New("the proof does not verify")
)

// Proof is a decoded proof; its points lie in their groups.
type Proof struct {
	ar, krs, commitment, knowledge bn254.G1Affine
	bs                             bn254.G2Affine
}

// DecodeProof reads a proof. It refuses every length but ProofSize before decoding, and every encoding that it would not
// itself write for the same points.
func DecodeProof(raw []byte) (proof *Proof, err error) { return decodeProof(raw, true, nil) }

// decodeProof leaves it to the caller to check that the point of G2 lies in its group, unless inside is set.
func decodeProof(raw []byte, inside bool, known *curve.Known) (proof *Proof, err error) {
	if len(raw) != ProofSize {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrProofLength, len(raw), ProofSize)
	}
	defer recoverTo(&err, ErrProofEncoding)
	p := &Proof{}
	r := &reader{rest: raw, outside: !inside, known: known}
	r.g1("ar", &p.ar)
	r.g2("bs", &p.bs)
	r.g1("krs", &p.krs)
	r.count("commitments", 1)
	r.g1("commitment", &p.commitment)
	r.g1("proof of knowledge", &p.knowledge)
	if r.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProofEncoding, r.err)
	}
	return p, nil
}

// reader decodes fields in order and keeps the first error. Its caller has checked the total length.
type reader struct {
	rest []byte
	err  error
	// outside lets points of the curve pass that don't lie in G2. Those of G1 are all of its curve.
	outside bool
	// known are points of G1 that were decoded before.
	known *curve.Known
}

// knownOf decodes the points of G1 of all proofs together. It judges nothing: a point that it doesn't know is decoded where it is
// read, and so all are if it panics.
func knownOf(groups [][]Claim) (known *curve.Known) {
	var ignored error
	defer recoverTo(&ignored, ErrProofEncoding)
	var all [][g1Size]byte
	for _, claims := range groups {
		for _, claim := range claims {
			if raw := claim.Proof; len(raw) == ProofSize {
				for _, at := range [...]int{0, g1Size + g2Size, ProofSize - 2*g1Size, ProofSize - g1Size} {
					all = append(all, [g1Size]byte(raw[at:]))
				}
			}
		}
	}
	return curve.Decompress(all)
}

func (r *reader) take(n int) []byte {
	head := r.rest[:n]
	r.rest = r.rest[n:]
	return head
}

func (r *reader) fail(field string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %w", field, err)
	}
}

var errNotCanonical = errors.New("not the canonical encoding of a point")

func (r *reader) g1(field string, p *bn254.G1Affine) {
	raw := r.take(g1Size)
	if r.err != nil {
		return
	}
	var err error
	if *p, err = r.known.DecodeG1(raw); err != nil {
		r.fail(field, err)
	}
}

func (r *reader) g2(field string, p *bn254.G2Affine) {
	raw := r.take(g2Size)
	if r.err != nil {
		return
	}
	if err := r.point(p, raw); err != nil {
		r.fail(field, err)
		return
	}
	if again := p.Bytes(); !bytes.Equal(again[:], raw) {
		r.fail(field, errNotCanonical)
	}
}

func (r *reader) point(p *bn254.G2Affine, raw []byte) error {
	if r.outside {
		return bn254.NewDecoder(bytes.NewReader(raw), bn254.NoSubgroupChecks()).Decode(p)
	}
	_, err := p.SetBytes(raw)
	return err
}

func (r *reader) count(field string, want uint32) {
	if got := binary.BigEndian.Uint32(r.take(countSize)); got != want {
		r.fail(field, fmt.Errorf("count is %d, must be %d", got, want))
	}
}

// recoverTo turns a panic of the library into an error, so that no input can stop a block.
func recoverTo(err *error, kind error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", kind, r)
	}
}
