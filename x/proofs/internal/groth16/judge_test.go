package groth16_test

import (
	"math/bits"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
)

// group draws up to four claims, and whether one of them is wrong.
func (f *fixture) group(random *rand.Rand, bad bool) []groth16.Claim {
	claims := make([]groth16.Claim, 1+random.Intn(4))
	for i := range claims {
		claims[i] = f.claims[random.Intn(fixtureProofs)]
	}
	if !bad {
		return claims
	}
	at := random.Intn(len(claims))
	wrong := clone(claims[at])
	switch random.Intn(5) {
	case 0:
		wrong.Digest = [32]byte{31: byte(1 + random.Intn(100))}
	case 1:
		p := g1At(wrong.Proof, krsAt)
		putG1(wrong.Proof, krsAt, *p.Neg(&p))
	case 2:
		p := g1At(wrong.Proof, knowledgeAt)
		putG1(wrong.Proof, knowledgeAt, *p.Neg(&p))
	case 3:
		wrong.Proof[random.Intn(bsAt)] ^= 1 << random.Intn(8) // Half of the time no point any more.
	default:
		wrong.Proof[countAt+3] = 9
	}
	claims[at] = wrong
	return claims
}

// TestJudgeEqualsSingleVerification mixes good and bad groups, and counts what the search takes.
func TestJudgeEqualsSingleVerification(t *testing.T) {
	f := load(t)
	random := rand.New(rand.NewSource(3))
	rounds := 30
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		groups := make([][]groth16.Claim, 1+random.Intn(12))
		odds := []int{1, 2, 10}[random.Intn(3)]
		wrong := 0
		for i := range groups {
			groups[i] = f.group(random, random.Intn(odds) == 0)
		}
		want := make([]error, len(groups))
		total := 0
		for i, claims := range groups {
			total += len(claims)
			for _, claim := range claims {
				if err := f.key.Verify(claim.Digest, claim.Proof); err != nil && want[i] == nil {
					want[i] = err
				}
			}
			if want[i] != nil {
				wrong++
			}
		}
		checks, prepared := 0, 0
		for i, got := range f.key.Judge(groups, func(claims int, _ bool) bool {
			checks, prepared = checks+1, prepared+claims
			return true
		}) {
			require.Equal(t, want[i] == nil, got == nil, "group %d: %v, alone %v", i, got, want[i])
		}
		n := len(groups)
		require.LessOrEqual(t, checks, max(0, min(2*n-2, 2*wrong*bits.Len(uint(n-1)))))
		require.LessOrEqual(t, prepared, total)
	}
}

// TestASearchEndsWithItsMoney pays for so many checks and no more.
func TestASearchEndsWithItsMoney(t *testing.T) {
	f := load(t)
	const n = 9
	groups := make([][]groth16.Claim, n)
	for i := range groups {
		wrong := clone(f.claims[i%fixtureProofs])
		wrong.Digest = [32]byte{31: 1}
		groups[i] = []groth16.Claim{wrong}
	}
	groups[0], groups[5] = f.claims[:1], f.claims[1:3]
	for money := range 2*n - 1 {
		asked, paid := 0, 0
		verdicts := f.key.Judge(groups, func(_ int, must bool) bool {

			asked++
			if asked <= money || must {
				paid++
				return true
			}
			return false
		})
		require.LessOrEqual(t, paid, max(money, bits.Len(n-1)))
		decided := 0
		for i, verdict := range verdicts {
			if verdict == groth16.ErrUndecided {
				require.Positive(t, i, "the first is always decided")
				continue
			}
			require.Equal(t, decided, i, "in their order")
			decided++
			require.Equal(t, i == 0 || i == 5, verdict == nil)
		}
		require.Positive(t, decided)
	}
}

// TestGroupsOfNothing have nothing against them.
func TestGroupsOfNothing(t *testing.T) {
	f := load(t)
	require.Empty(t, f.key.Judge(nil, nil))
	wrong := clone(f.claims[0])
	wrong.Digest = [32]byte{31: 1}
	verdicts := f.key.Judge([][]groth16.Claim{nil, {wrong}, {}}, nil)
	require.NoError(t, verdicts[0])
	require.ErrorIs(t, verdicts[1], groth16.ErrProofInvalid)
	require.NoError(t, verdicts[2])
}
