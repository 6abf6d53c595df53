package keeper_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/types"
)

// asked is a job with real proofs of its digests: of its number those are tried until every digest is a square, which the circuit
// of the tests can prove. The first step takes the circuit of class 1024, the second one that of class 256.
func asked(t testing.TB, samples uint32, from uint64) challenge.Question {
	t.Helper()
	q := challenge.Question{Trace: carryOut(t, samples).Trace}
	keys := map[string]provable{"opening-1024": first(), small: second()}
	for q.Claim.JobID = from; ; q.Claim.JobID++ {
		positions, statements, err := challenge.Statements(q.Trace)
		require.NoError(t, err)
		q.Proofs = nil
		for i := range statements {
			digest, err := statements[i].Digest()
			require.NoError(t, err)
			var square fr.Element
			square.SetBytes(digest[:])
			if square.Sqrt(&square) == nil {
				break
			}
			q.Proofs = append(q.Proofs, keys[q.Circuits[positions[i].Step]].proveRoot(t, square))
		}
		if len(q.Proofs) == len(statements) {
			return q
		}
	}
}

// spoil changes a question in one of the ways that make its answer no, or no answer.
func spoil(random *rand.Rand, q challenge.Question, other challenge.Question) challenge.Question {
	q.Proofs = slices.Clone(q.Proofs)
	at := random.Intn(len(q.Proofs))
	switch random.Intn(5) {
	case 0:
		q.Proofs[at] = other.Proofs[0]
	case 1:
		q.Proofs[at] = q.Proofs[at][1:]
	case 2:
		q.Claim.Attempt++
	case 3:
		q.Proofs = q.Proofs[1:]
	default:
		q.Circuits = slices.Clone(q.Circuits)
		q.Circuits[0] = "opening-unknown"
	}
	return q
}

// TestManyAreAnsweredLikeEach mixes jobs of one and of two circuits, good, bad and impossible ones.
func TestManyAreAnsweredLikeEach(t *testing.T) {
	f := newFixture(t)
	system := f.keeper.Sampled()
	pool := []challenge.Question{asked(t, 1, 1), asked(t, 2, 10), asked(t, 3, 20), asked(t, 2, 30)}
	random := rand.New(rand.NewSource(5))
	for round := range 25 {
		ctx := f.ctx.WithBlockHeight(int64(100 + round))
		questions := make([]challenge.Question, random.Intn(9))
		odds := 1 + random.Intn(8)
		for i := range questions {
			questions[i] = pool[random.Intn(len(pool))]
			if random.Intn(odds) == 0 {
				questions[i] = spoil(random, questions[i], pool[random.Intn(len(pool))])
			}
		}
		verdicts, err := system.VerifyMany(ctx, questions)
		require.NoError(t, err)
		require.Len(t, verdicts, len(questions))
		for i, q := range questions {
			valid, err := system.Verify(ctx, q.Trace, q.Proofs)
			require.Equal(t, err == nil, verdicts[i].Err == nil, "%d: %v, alone %v", i, verdicts[i].Err, err)
			require.Equal(t, err == nil, verdicts[i].Decided)
			require.Equal(t, valid, verdicts[i].Valid, i)
		}
	}
}

// TestASearchIsPaidFromTheBudget lets every job of a block be bad, with budgets of all sizes: what is decided is decided in order, and
// the block spends what it may.
func TestASearchIsPaidFromTheBudget(t *testing.T) {
	f := newFixture(t)
	system := f.keeper.Sampled()
	good, other := asked(t, 1, 1), asked(t, 1, 50)
	bad := good
	bad.Proofs = other.Proofs
	questions := []challenge.Question{bad, bad, bad, good, bad, bad, bad, bad}
	for _, budget := range []uint64{types.MinUnits, 8_000, 12_000, 16_000, 24_000, 100_000} {
		t.Run(fmt.Sprint(budget), func(t *testing.T) {
			ctx, _ := f.ctx.CacheContext()
			params, err := f.keeper.Params(ctx)
			require.NoError(t, err)
			params.UnitsPerBlock = budget
			require.NoError(t, f.keeper.SetParams(ctx, params))
			verdicts, err := system.VerifyMany(ctx, questions)
			require.NoError(t, err)
			require.True(t, verdicts[0].Decided, "one is always decided")
			undecided := slices.IndexFunc(verdicts, func(v challenge.Verdict) bool { return !v.Decided })
			if undecided < 0 {
				undecided = len(questions)
			}
			for i, v := range verdicts {
				require.NoError(t, v.Err)
				require.Equal(t, i < undecided, v.Decided)
				require.Equal(t, i < undecided && i == 3, v.Valid)
			}
			left, err := f.keeper.Left(ctx)
			require.NoError(t, err)
			if budget == 100_000 {
				require.Equal(t, len(questions), undecided)
				require.GreaterOrEqual(t, budget-left, 14*f.keeper.Units(0)+8*keeper.ProofUnits, "all nodes of the tree but its root")
				return
			}
			require.LessOrEqual(t, budget-left, max(budget, 3*f.keeper.Units(0)+8*keeper.ProofUnits))
		})
	}
}

// TestJobsShareWhatTheyShare counts the cost of jobs together.
func TestJobsShareWhatTheyShare(t *testing.T) {
	f := newFixture(t)
	system := f.keeper.Sampled()
	both := carryOut(t, 5).Trace
	one := both
	one.Circuits = []string{small, small}
	one.Program = program.Program{}
	for name, c := range map[string]struct {
		trace    challenge.Trace
		circuits []string
		batches  uint64
	}{
		"the first": {both, nil, 2}, "another one": {both, both.Circuits, 0}, "half": {both, []string{small}, 1}, "of one circuit": {one, nil, 1},
		"of the other": {one, []string{"opening-1024"}, 1}, "of both": {one, both.Circuits, 0},
	} {
		units, err := system.MoreUnits(c.trace, c.circuits)
		require.NoError(t, err)
		require.Equal(t, c.batches*keeper.BatchUnits+5*keeper.ProofUnits, units, name)
	}
	alone, err := system.Units(both)
	require.NoError(t, err)
	first, err := system.MoreUnits(both, nil)
	require.NoError(t, err)
	require.Equal(t, alone, first)
}

func TestWhatIsLeftOfABlock(t *testing.T) {
	f := newFixture(t)
	left := func() uint64 {
		rest, err := f.keeper.Left(f.ctx)
		require.NoError(t, err)
		return rest
	}
	require.EqualValues(t, types.DefaultUnits, left())
	require.True(t, f.spend(f.ctx, 1_000))
	require.EqualValues(t, types.DefaultUnits-1_000, left())
	require.NoError(t, f.setParams(func(p *types.Params) { p.UnitsPerBlock = 1_000 }))
	require.Zero(t, left())
	require.NoError(t, f.setParams(func(p *types.Params) { p.UnitsPerBlock = 2_000 }))
	require.EqualValues(t, 1_000, left())
}
