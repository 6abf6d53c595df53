package group_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/internal/group"
)

// BenchmarkSum is the sum of one proof's terms, and of the first leg of a batch of 64.
func BenchmarkSum(b *testing.B) {
	_, _, generator, _ := bn254.Generators()
	for _, n := range []int{25, 64, 1100} {
		terms := make([]group.Term, n)
		scalar := fr.NewElement(3)
		scalar.Inverse(&scalar)
		for i := range terms {
			scalar.Square(&scalar)
			terms[i].Scalar = scalar
			terms[i].Point.ScalarMultiplication(&generator, big.NewInt(int64(i+1)))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				group.Sum(terms)
			}
		})
	}
}
