package groth16

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

const (
	// commitmentDomain is gnark's domain for the challenge that a commitment stands for.
	commitmentDomain = "bsb22-commitment"
	// batchDomain separates the coefficients of a batch.
	batchDomain = "assay/groth16-batch/v1"
	// coefficientSize is the length of a coefficient: 128 bits.
	coefficientSize = 16
)

// Claim is a proof with the public input that it is to prove.
type Claim struct {
	// Digest is the public input, big endian and canonical.
	Digest [DigestSize]byte
	// Proof is the encoded proof, of any length.
	Proof []byte
}

// Verify is nil when the proof proves the digest.
func (k *VerifyingKey) Verify(digest [DigestSize]byte, proof []byte) error {
	return k.VerifyBatch([]Claim{{digest, proof}})[0]
}

// VerifyBatch gives one verdict for each claim, nil for those that verify. All well-formed ones are checked together by a
// random linear combination whose 128-bit coefficients come from a hash of the key and the whole batch; a wrong proof
// passes with a probability of about 2^-127. If the combination fails each is checked alone, so the cost is
// at most that of the batch and of every single verification.
func (k *VerifyingKey) VerifyBatch(claims []Claim) []error {
	verdicts := make([]error, len(claims))
	terms := make([]term, 0, len(claims))
	for i, claim := range claims {
		t, err := k.decode(claim)
		if err != nil {
			verdicts[i] = err
			continue
		}
		t.index = i
		terms = append(terms, t)
	}
	if err := k.check(claims, terms); err == nil || len(terms) == 1 {
		for _, t := range terms {
			verdicts[t.index] = err
		}
		return verdicts
	}
	for i := range terms {
		verdicts[terms[i].index] = k.check(claims, terms[i:i+1])
	}
	return verdicts
}

// FirstInvalid finds a claim that does not verify and tells why: the first that is malformed, if any is, without a pairing;
// else the first whose proof is invalid. Without one it returns the number of claims and nil. A failed batch is searched by
// halves, at a cost of at most as many claims again, in one batch for each time that the number of claims can be halved.
func (k *VerifyingKey) FirstInvalid(claims []Claim) (int, error) {
	terms := make([]term, len(claims))
	for i, claim := range claims {
		t, err := k.decode(claim)
		if err != nil {
			return i, err
		}
		t.index = i
		terms[i] = t
	}
	err := k.check(claims, terms)
	if err == nil {
		return len(claims), nil
	}
	// All before first are valid, and one of those before end is not.
	first, end := 0, len(terms)
	for end-first > 1 {
		middle := first + (end-first)/2
		if k.check(claims, terms[first:middle]) != nil {
			end = middle
		} else {
			first = middle
		}
	}
	return first, err
}

// term is a decoded claim.
type term struct {
	index     int
	proof     *Proof
	digest    fr.Element
	challenge fr.Element
}

func (k *VerifyingKey) decode(claim Claim) (t term, err error) {
	if err := t.digest.SetBytesCanonical(claim.Digest[:]); err != nil {
		return t, fmt.Errorf("%w: not below the field's modulus", ErrDigest)
	}
	if t.proof, err = DecodeProof(claim.Proof); err != nil {
		return t, err
	}
	raw := t.proof.commitment.RawBytes()
	hashed, err := fr.Hash(raw[:], []byte(commitmentDomain), 1)
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrProofEncoding, err)
	}
	t.challenge = hashed[0]
	return t, nil
}

// check verifies the combination of all terms. For each proof i it holds that
//
//	e(Ar, Bs) = e(alpha, beta) e(K0 + digest K1 + challenge K2 + C, gamma) e(Krs, delta)
//	e(C, GSigmaNeg) e(PoK, G) = 1
//
// and the check multiplies the first equations to the power r_i and the second ones to the power s*r_i.
func (k *VerifyingKey) check(claims []Claim, terms []term) (err error) {
	defer recoverTo(&err, ErrProofInvalid)
	if len(terms) == 0 {
		return nil
	}
	powers := k.coefficients(claims, terms)
	folded := k.fold(terms, powers.each)
	var commitment, knowledge bn254.G1Affine
	commitment.ScalarMultiplication(&folded.commitment, powers.knowledge)
	knowledge.ScalarMultiplication(&folded.knowledge, powers.knowledge)
	points := [fixedPairs]bn254.G1Affine{folded.alphaNeg, folded.public, folded.krs, commitment, knowledge}
	one, err := k.pairsToOne(folded, points)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProofInvalid, err)
	}
	if !one {
		return ErrProofInvalid
	}
	return nil
}

// pairsToOne tells whether the product of the proofs' own pairings and of those with the key's fixed points is 1. The fixed
// ones use the key's precomputed lines, four times faster; the library overwrites lines, so each check works on a copy.
func (k *VerifyingKey) pairsToOne(folded fold, points [fixedPairs]bn254.G1Affine) (bool, error) {
	own, err := bn254.MillerLoop(folded.ar, folded.bs)
	if err != nil {
		return false, err
	}
	fixed, err := bn254.MillerLoopFixedQ(points[:], slices.Clone(k.lines[:]))
	if err != nil {
		return false, err
	}
	product := bn254.FinalExponentiation(&own, &fixed)
	var one bn254.GT
	return product.Equal(one.SetOne()), nil
}

// coefficients are the random powers of a check.
type coefficients struct {
	// each holds r_i; the first is 1, which costs no soundness and saves the multiplications of a single proof.
	each []*big.Int
	// knowledge is s.
	knowledge *big.Int
}

// coefficients hashes the key, the digests and the proofs, all of fixed length.
func (k *VerifyingKey) coefficients(claims []Claim, terms []term) coefficients {
	h := sha256.New()
	h.Write([]byte(batchDomain))
	h.Write(k.hash[:])
	for _, t := range terms {
		claim := claims[t.index]
		h.Write(claim.Digest[:])
		h.Write(claim.Proof)
	}
	seed := h.Sum(nil)
	out := coefficients{each: make([]*big.Int, len(terms)), knowledge: coefficient(seed, 0)}
	for i := range out.each {
		out.each[i] = coefficient(seed, uint32(i))
	}
	out.each[0] = big.NewInt(1)
	return out
}

// coefficient is a 128-bit number; number 0 is s and number i is r_i.
func coefficient(seed []byte, i uint32) *big.Int {
	digest := sha256.Sum256(binary.BigEndian.AppendUint32(seed[:len(seed):len(seed)], i))
	return new(big.Int).SetBytes(digest[:coefficientSize])
}

// fold are the sums of a check's terms, each multiplied by its coefficient.
type fold struct {
	ar                                           []bn254.G1Affine
	bs                                           []bn254.G2Affine
	alphaNeg, public, krs, commitment, knowledge bn254.G1Affine
}

func (k *VerifyingKey) fold(terms []term, each []*big.Int) fold {
	n := len(terms)
	out := fold{ar: make([]bn254.G1Affine, n), bs: make([]bn254.G2Affine, n)}
	var krs, commitment, knowledge bn254.G1Jac
	var scalars [publicPoints]fr.Element
	for i, t := range terms {
		out.ar[i].ScalarMultiplication(&t.proof.ar, each[i])
		out.bs[i] = t.proof.bs
		addScaled(&krs, &t.proof.krs, each[i])
		addScaled(&commitment, &t.proof.commitment, each[i])
		addScaled(&knowledge, &t.proof.knowledge, each[i])
		var r, product fr.Element
		r.SetBigInt(each[i])
		scalars[0].Add(&scalars[0], &r)
		scalars[1].Add(&scalars[1], product.Mul(&r, &t.digest))
		scalars[2].Add(&scalars[2], product.Mul(&r, &t.challenge))
	}
	out.krs.FromJacobian(&krs)
	out.commitment.FromJacobian(&commitment)
	out.knowledge.FromJacobian(&knowledge)
	out.alphaNeg.ScalarMultiplication(&k.alphaNeg, scalars[0].BigInt(new(big.Int)))
	public := commitment
	for i := range scalars {
		addScaled(&public, &k.k[i], scalars[i].BigInt(new(big.Int)))
	}
	out.public.FromJacobian(&public)
	return out
}

func addScaled(sum *bn254.G1Jac, p *bn254.G1Affine, scalar *big.Int) {
	var scaled bn254.G1Affine
	scaled.ScalarMultiplication(p, scalar)
	sum.AddMixed(&scaled)
}
