package setup

import (
	"context"
	"crypto/sha256"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/full"
)

const developmentDomain = "assay/full/development-srs/v1"

// DevelopmentSecret is the secret x of the development string of a seed: two SHA-256 of domain, number and seed, reduced.
// Everybody can compute it, and so prove anything under that string.
func DevelopmentSecret(seed []byte) fr.Element {
	var wide []byte
	for i := range byte(2) {
		digest := sha256.Sum256(append(append([]byte(developmentDomain), i), seed...))
		wide = append(wide, digest[:]...)
	}
	var x fr.Element
	x.SetBytes(wide)
	return x
}

// Develop writes a development string of count points: its secret is public, its key is marked, and equal seeds give equal
// files. 2^20 points take some 6 CPU-seconds.
func Develop(ctx context.Context, path string, count int, seed []byte) error {
	x := DevelopmentSecret(seed)
	_, _, generator, _ := bn254.Generators()
	power := fr.One()
	table := newFixedBase(&generator, count)
	scalars := make([]fr.Element, chunk)
	// write asks for the points in order, so the powers go on where they stopped.
	return write(ctx, path, count, DevelopmentKey(x), func(dst []bn254.G1Affine, _ int) error {
		for i := range dst {
			scalars[i] = power
			power.Mul(&power, &x)
		}
		table.multiply(dst, scalars[:len(dst)])
		return nil
	})
}

// DevelopmentKey makes the points of a verifying key from its secret.
func DevelopmentKey(x fr.Element) full.KeyPoints {
	key := full.KeyPoints{Development: true}
	_, _, generator1, generator2 := bn254.Generators()
	var power fr.Element
	for i := range key.G1 {
		power.Exp(x, big.NewInt(int64(i)))
		key.G1[i].ScalarMultiplication(&generator1, power.BigInt(new(big.Int)))
	}
	for i := range key.G2 {
		power.Exp(x, big.NewInt(int64(full.Exponent(i))))
		key.G2[i].ScalarMultiplication(&generator2, power.BigInt(new(big.Int)))
	}
	return key
}
