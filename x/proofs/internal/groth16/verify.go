package groth16

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	curve "github.com/assaychain/assay/x/proofs/internal/group"
)

// commitmentDomain is gnark's domain for the challenge that a commitment stands for.
const commitmentDomain = "bsb22-commitment"

// ErrUndecided marks a group of a failed batch that the search didn't come to, since its work was not paid for.
var ErrUndecided = errors.New("not decided")

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

// VerifyBatch gives one verdict for each claim, nil for those that verify: Judge with a group for each.
func (k *VerifyingKey) VerifyBatch(claims []Claim) []error {
	groups := make([][]Claim, len(claims))
	for i := range claims {
		groups[i] = claims[i : i+1]
	}
	return k.Judge(groups, nil)
}

// Spend is asked before each further check of a search. claims is how many claims have to be prepared for it that were not
// before. must says that the check is made whatever the answer is. False ends the search.
type Spend func(claims int, must bool) bool

// Judge gives one verdict for each group of claims, nil where all of its claims verify. All well-formed groups are checked
// together by a random linear combination whose 128-bit coefficients come from a hash of the key and the whole batch; a wrong
// proof passes with a probability of about 2^-127.
//
// A batch that fails is searched by halves, group by group, from the first to the last, with the same coefficients. Since each
// group's part of the product is kept, a check costs one final exponentiation and the pairings with the key's own points,
// however many claims it is about; with b bad groups among n there are at most 2·b·⌈log2 n⌉ checks and never more than 2·n - 2,
// and each claim is prepared once more, in the worst case. spend may end the search, but not before a group is decided; groups
// that are undecided then have ErrUndecided. Without spend the search always comes to its end.
func (k *VerifyingKey) Judge(groups [][]Claim, spend Spend) []error {
	b := k.gather(groups)
	b.spend = spend
	b.judge()
	return b.verdicts
}

// FirstInvalid finds a claim that does not verify and tells why: the first that is malformed, if any is, without a pairing;
// else the first whose proof is invalid. Without one it returns the number of claims and nil. A failed batch is searched by
// halves, at a cost of at most as many claims again, and one check for each time that the number of claims can be halved.
func (k *VerifyingKey) FirstInvalid(claims []Claim) (int, error) {
	groups := make([][]Claim, len(claims))
	for i := range claims {
		groups[i] = claims[i : i+1]
	}
	b := k.gather(groups)
	for i, malformed := range b.verdicts {
		if malformed != nil {
			return i, malformed
		}
	}
	err := b.whole()
	if err == nil {
		return len(claims), nil
	}
	// All before first are valid, and one of those before end is not.
	first, end := 0, len(claims)
	for end-first > 1 {
		middle := first + (end-first)/2
		if b.check(first, middle) != nil {
			end = middle
		} else {
			first = middle
		}
	}
	return first, err
}

// term is a decoded claim and what it is multiplied by.
type term struct {
	proof     *Proof
	digest    fr.Element
	challenge fr.Element
	power     coefficient
	// lines are those of its point of G2, once they are known; read-only.
	lines *lines
}

// decode asks for points that are known before it decodes them. It leaves it to the caller to check that the point of G2 lies in its group.
func decode(claim Claim, known *curve.Known) (t term, err error) {
	if err := t.digest.SetBytesCanonical(claim.Digest[:]); err != nil {
		return t, fmt.Errorf("%w: not below the field's modulus", ErrDigest)
	}
	if t.proof, err = decodeProof(claim.Proof, false, known); err != nil {
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
