package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/types"
)

// BenchmarkPostRoundGas justifies PostRoundGas: what a round's verification costs in secp256k1 verifications, at 1,000
// gas each. It reports both in nanoseconds and their quotient as gas.
func BenchmarkPostRoundGas(b *testing.B) {
	account := secp256k1.GenPrivKey()
	message := make([]byte, 256)
	signed, err := account.Sign(message)
	require.NoError(b, err)
	public := account.PubKey()
	var verifier drand.Verifier
	chain, signature := types.Quicknet().Drand(), unhex(published[2].signature)
	var secp, round float64
	for b.Loop() {
		secp += timed(func() { require.True(b, public.VerifySignature(message, signed)) })
		round += timed(func() { require.NoError(b, verifier.Verify(chain, published[2].round, signature)) })
	}
	b.ReportMetric(secp/float64(b.N), "secp256k1-ns")
	b.ReportMetric(round/float64(b.N), "round-ns")
	b.ReportMetric(1_000*round/secp, "gas")
}
