// Package devkey signs beacon rounds with a single key, for development networks and tests.
//
// A public network must never follow such a beacon: who holds the key knows every future round, and so which entries of
// a result will be challenged. A real beacon splits its key among independent parties (drand).
package devkey

import (
	"errors"
	"fmt"
	"math/big"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"github.com/assaychain/assay/x/beacon/drand"
)

// SeedSize is the size in bytes of the seed a key is derived from.
const SeedSize = 32

// seedTag separates this derivation from every other hash to the scalar field.
const seedTag = "assay/beacon/devkey/v1"

// Key is a development beacon's secret key. It is immutable and safe for concurrent use.
type Key struct {
	secret *big.Int
	public [drand.PublicKeySize]byte
}

// FromSeed derives a key from a seed of SeedSize bytes; the same seed gives the same key everywhere.
func FromSeed(seed []byte) (*Key, error) {
	if len(seed) != SeedSize {
		return nil, fmt.Errorf("development beacon key: seed of %d bytes: it must be %d", len(seed), SeedSize)
	}
	scalars, err := fr.Hash(seed, []byte(seedTag), 1)
	if err != nil {
		return nil, fmt.Errorf("development beacon key: derive from seed: %w", err)
	}
	if scalars[0].IsZero() {
		return nil, errors.New("development beacon key: the seed gives the zero key: use another")
	}
	secret := scalars[0].BigInt(new(big.Int))
	var public bls12381.G2Affine
	public.ScalarMultiplicationBase(secret)
	return &Key{secret: secret, public: public.Bytes()}, nil
}

// PublicKey returns the compressed point of G2 that verifies this key's rounds.
func (k *Key) PublicKey() []byte { return append([]byte(nil), k.public[:]...) }

// Sign returns the signature of a round, a compressed point of G1. It signs future rounds as well: who publishes it
// decides when. Round 0 does not exist and is refused.
func (k *Key) Sign(round uint64) ([]byte, error) {
	if round == 0 {
		return nil, fmt.Errorf("%w: rounds count from 1", drand.ErrRound)
	}
	message := drand.Message(round)
	point, err := bls12381.HashToG1(message[:], []byte(drand.DomainTag))
	if err != nil {
		return nil, fmt.Errorf("hash round %d to the curve: %w", round, err)
	}
	point.ScalarMultiplication(&point, k.secret)
	signature := point.Bytes()
	return signature[:], nil
}
