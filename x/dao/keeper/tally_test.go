package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// result is what gov's own query says of a proposal under vote.
func (f *fixture) result(id uint64) govv1.TallyResult {
	f.T.Helper()
	ctx, _ := f.Ctx.CacheContext()
	answer, err := govkeeper.NewQueryServer(f.gov).TallyResult(ctx, &govv1.QueryTallyResultRequest{ProposalId: id})
	require.NoError(f.T, err)
	return *answer.Tally
}

// TestBackersInheritTheirOperator: an operator votes for its backers who don't vote, and for nobody else.
func TestBackersInheritTheirOperator(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("operator", 30_000_000)
	for _, name := range []string{"quiet", "loud"} {
		_, err := f.bond.Back(f.Ctx, f.Fund(name, 20_000_000), op, math.NewInt(20_000_000))
		require.NoError(t, err)
	}
	loud := banktest.Address("loud")
	f.staking.stake(op, op, 5)
	f.staking.stake(op, loud, 7)
	f.staking.stake(op, banktest.Address("quiet"), 11)
	id := f.proposed(false, f.bondParams(setEntries(8)))

	f.vote(id, op, govv1.OptionYes)
	require.Equal(t, "70000023", f.result(id).YesCount, "everything stands with it")
	f.vote(id, loud, govv1.OptionNo)
	require.Equal(t, "50000016", f.result(id).YesCount)
	require.Equal(t, "20000007", f.result(id).NoCount)
	f.vote(id, banktest.Address("stranger"), govv1.OptionNo)
	require.Equal(t, "20000007", f.result(id).NoCount, "nothing is nothing")

	power, err := f.query.VotingPower(f.Ctx, &types.QueryVotingPowerRequest{Address: op.String()})
	require.NoError(t, err)
	require.Equal(t, "30000005.000000000000000000", power.Own.String())
	require.Equal(t, "40000018.000000000000000000", power.Inherited.String())
	require.Equal(t, "70000023", power.Total.String())
}

// TestUnbondingStakeDoesNotVote: what is on its way out counts neither for anybody nor for the quorum.
func TestUnbondingStakeDoesNotVote(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("operator", 30_000_000)
	_, err := f.bond.Unbond(f.Ctx, op, math.NewInt(10_000_000))
	require.NoError(t, err)
	id := f.proposed(false, f.bondParams(setEntries(8)))
	f.vote(id, op, govv1.OptionYes)
	require.Equal(t, "20000000", f.result(id).YesCount)
	power, err := f.query.VotingPower(f.Ctx, &types.QueryVotingPowerRequest{Address: op.String()})
	require.NoError(t, err)
	require.Equal(t, "20000000", power.Total.String())
}

// TestAnotherDenominationDoesNotVote: bonded tokens that are not the staking token have no vote.
func TestAnotherDenominationDoesNotVote(t *testing.T) {
	f := newFixture(t)
	f.staking.denom = "stake"
	op := f.bonded("operator", 30_000_000)
	f.staking.stake(op, op, 5)
	id := f.proposed(false, f.bondParams(setEntries(8)))
	f.vote(id, op, govv1.OptionYes)
	require.Equal(t, "5", f.result(id).YesCount)
}

// TestUnbondedValidatorsDoNotVote: staked tokens vote as ever, with the active set.
func TestUnbondedValidatorsDoNotVote(t *testing.T) {
	f := newFixture(t)
	a, b := banktest.Address("a"), banktest.Address("b")
	f.staking.stake(a, a, 10)
	f.staking.stake(b, a, 100)
	f.staking.list[1].Status = 1
	id := f.proposed(false, f.bondParams(setEntries(8)))
	f.vote(id, a, govv1.OptionYes)
	require.Equal(t, "10", f.result(id).YesCount)
}

// TestQuorumCountsBondedTokens: with staked tokens alone the vote would have passed.
func TestQuorumCountsBondedTokens(t *testing.T) {
	f := newFixture(t)
	a := banktest.Address("a")
	f.staking.stake(a, a, 10_000_000)
	f.bonded("operator", 30_000_000)
	id := f.proposed(false, f.bondParams(setEntries(8)))
	f.vote(id, a, govv1.OptionYes)
	f.block(voting)
	f.status(id, govv1.StatusRejected)
	has, err := f.gov.Votes.Has(f.Ctx, collections.Join(id, a))
	require.NoError(t, err)
	require.False(t, has, "counted votes are removed")
}

// TestTallyAgainstModel: random stakes, backings and votes through the real bond and gov keepers.
func TestTallyAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t)
		const people = 5
		var who [people]sdk.AccAddress
		// holdings[holder][owner], staked and bonded alike.
		var holdings [2][people][people]int64
		for i := range who {
			who[i] = f.bonded(fmt.Sprint("p", i), rapid.Int64Range(2_000_000, 9_000_000).Draw(rt, "bond"))
			bonded, err := f.bond.Bonded(f.Ctx, who[i])
			require.NoError(rt, err)
			holdings[0][i][i] = bonded.Int64()
		}
		for h := range who {
			for o := range who {
				if h != o && rapid.IntRange(0, 3).Draw(rt, "backs") == 0 {
					amount := rapid.Int64Range(1_000_000, 5_000_000).Draw(rt, "backing")
					f.Mint(who[o], sdk.NewInt64Coin(banktest.Denom, amount))
					_, err := f.bond.Back(f.Ctx, who[o], who[h], math.NewInt(amount))
					require.NoError(rt, err)
					holdings[0][h][o] += amount
				}
				if amount := rapid.Int64Range(0, 1_000_000).Draw(rt, "stake"); amount > 0 {
					f.staking.stake(who[h], who[o], amount)
					holdings[1][h][o] += amount
				}
			}
		}
		id := f.proposed(false, f.bondParams(setEntries(8)))
		var votes [people]govv1.VoteOption
		for i := range who {
			if votes[i] = govv1.VoteOption(rapid.IntRange(0, 4).Draw(rt, "vote")); votes[i] != govv1.OptionEmpty {
				f.vote(id, who[i], votes[i])
			}
		}
		var want [5]int64
		for _, kind := range holdings {
			for h := range who {
				for o := range who {
					vote := votes[o]
					if vote == govv1.OptionEmpty {
						vote = votes[h]
					}
					want[vote] += kind[h][o]
				}
			}
		}
		got := f.result(id)
		require.Equal(rt, fmt.Sprint(want[1], want[2], want[3], want[4]), fmt.Sprint(got.YesCount, " ", got.AbstainCount, " ", got.NoCount, " ", got.NoWithVetoCount))
	})
}

// TestWeightedVotes divides what a voter has.
func TestWeightedVotes(t *testing.T) {
	f := newFixture(t)
	op := f.bonded("operator", 3_000_001)
	id := f.proposed(false, f.bondParams(setEntries(8)))
	options := govv1.WeightedVoteOptions{
		{Option: govv1.OptionYes, Weight: "0.7"}, {Option: govv1.OptionNo, Weight: "0.3"},
	}
	require.NoError(t, f.gov.AddVote(f.Ctx, id, op, options, ""))
	require.Equal(t, "2100000", f.result(id).YesCount)
	require.Equal(t, "900000", f.result(id).NoCount)
}
