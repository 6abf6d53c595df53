// Package mpc wraps the proof library's multi-party setup of Groth16: many people contribute secrets one after another, and the
// keys are sound if a single one of them forgot its own. It adds what the library leaves to its callers: contributions are
// decoded in exact length and canonical encoding only, and nothing a contribution says decides how much memory is taken.
//
// Source: Bowe, Gabizon, Miers, "Scalable Multi-party Computation for zk-SNARK Parameters in the Random Beacon Model",
// https://eprint.iacr.org/2017/1050. Not consensus code.
package mpc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark/backend/groth16/bn254/mpcsetup"
)

const (
	// MaxDomain bounds the number of constraints, rounded up to a power of two, that a setup covers.
	MaxDomain = 1 << 22
	// BeaconSize is the length of the public randomness that seals a phase, in bytes.
	BeaconSize = 32

	hashSize = 32
	g1Size   = bn254.SizeOfG1AffineCompressed
	g2Size   = bn254.SizeOfG2AffineCompressed
	// proofSize is a proof that a secret was used: its commitment and the proof of its knowledge.
	proofSize = g1Size + g2Size
	// challengeSize is the hash of the contribution before, after its length.
	challengeSize = 1 + hashSize
)

var (
	// ErrEncoding is wrapped when bytes are not a contribution of this setup.
	ErrEncoding = errors.New("malformed contribution")
	// ErrContribution is wrapped when a contribution does not follow from the one before it.
	ErrContribution = errors.New("invalid contribution")
)

// Phase1 is a state of the first phase, the powers of tau, which does not depend on a circuit.
type Phase1 struct {
	phase  mpcsetup.Phase1
	domain uint64
}

// Commons is what the first phase ends with.
type Commons struct {
	commons mpcsetup.SrsCommons
	domain  uint64
}

// Domain is the number of constraints rounded up to a power of two. It refuses more than MaxDomain.
func Domain(constraints int) (uint64, error) {
	if constraints < 1 || constraints > MaxDomain {
		return 0, fmt.Errorf("%d constraints: a setup covers 1 to %d", constraints, MaxDomain)
	}
	return 1 << bits.Len(uint(constraints-1)), nil
}

// NewPhase1 is the state before the first contribution. The domain must be a power of two from 2 to MaxDomain.
func NewPhase1(domain uint64) (*Phase1, error) {
	if domain < 2 || domain > MaxDomain || bits.OnesCount64(domain) != 1 {
		return nil, fmt.Errorf("domain %d: must be a power of two from 2 to %d", domain, MaxDomain)
	}
	p := &Phase1{domain: domain}
	p.phase.Initialize(domain)
	return p, nil
}

// Contribute mixes in fresh secrets and forgets them. The state before is gone: encode it first to keep it.
func (p *Phase1) Contribute() { p.phase.Contribute() }

// Encode is the contribution's only encoding.
func (p *Phase1) Encode() ([]byte, error) {
	var out bytes.Buffer
	if _, err := p.phase.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("encode a contribution: %w", err)
	}
	return out.Bytes(), nil
}

// Phase1Size is the exact length of a contribution in bytes: three proofs, the domain, [beta] in G2, the powers of tau up to
// 2·domain-2 in G1 and domain-1 in G2 (the zeroth are left out), those times alpha and beta, and the challenge.
func Phase1Size(domain uint64) int {
	n := int(domain)
	return 3*proofSize + 8 + g2Size + (2*n-2)*g1Size + (n-1)*g2Size + 2*n*g1Size + challengeSize
}

// DecodePhase1 reads a contribution: exact length, canonical points of the right groups.
func DecodePhase1(domain uint64, raw []byte) (p *Phase1, err error) {
	defer recoverTo(&err)
	if want := Phase1Size(domain); len(raw) != want {
		return nil, fmt.Errorf("%w: %d bytes, want %d for a domain of %d", ErrEncoding, len(raw), want, domain)
	}
	if got := binary.BigEndian.Uint64(raw[3*proofSize:]); got != domain {
		return nil, fmt.Errorf("%w: for a domain of %d, want %d", ErrEncoding, got, domain)
	}
	p = &Phase1{domain: domain}
	if err := decode(&p.phase, raw); err != nil {
		return nil, err
	}
	return p, nil
}

// Verify checks that next follows from p by somebody who knew the secrets it mixed in.
func (p *Phase1) Verify(next *Phase1) (err error) {
	defer recoverTo(&err)
	if err := p.phase.Verify(&next.phase); err != nil {
		return fmt.Errorf("%w: %w", ErrContribution, err)
	}
	return nil
}

// Seal ends the phase with public randomness that nobody could know when the last contribution was made. The state is left as it was.
func (p *Phase1) Seal(beacon [BeaconSize]byte) (*Commons, error) {
	raw, err := p.Encode()
	if err != nil {
		return nil, err
	}
	copied := &mpcsetup.Phase1{}
	if _, err := copied.ReadFrom(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("copy a contribution: %w", err)
	}
	return &Commons{commons: copied.Seal(beacon[:]), domain: p.domain}, nil
}
