package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/assaychain/assay/x/dao/tally"
	"github.com/assaychain/assay/x/dao/types"
)

var _ govkeeper.CalculateVoteResultsAndVotingPowerFn = (*Keeper)(nil).Tally

// electorate is who has how many votes, for one count.
type electorate struct {
	// validators in the active set, by operator address; their tokens vote.
	validators map[string]stakingtypes.ValidatorI
	// order lists them by power.
	order []string
	// bonded tells whether bonded tokens are of the denomination that votes.
	bonded bool
	total  math.Int
}

// Tally counts the votes on a proposal, removes them and notes what the count means for the proposal's messages. It is given
// to gov's keeper, which calls it at the end of the voting period right before it carries out the messages, and for queries.
// It fails only when state can't be read.
func (k *Keeper) Tally(ctx context.Context, gov govkeeper.Keeper, proposal govv1.Proposal) (math.LegacyDec, math.Int, map[govv1.VoteOption]math.LegacyDec, error) {
	zero, none := math.LegacyZeroDec(), math.ZeroInt()
	e, err := k.electorate(ctx)
	if err != nil {
		return zero, none, nil, err
	}
	count := tally.New()
	for _, name := range e.order {
		count.Hold(name, e.validators[name].GetValidatorPower())
	}
	if err := k.countVotes(ctx, gov, proposal.Id, e, count); err != nil {
		return zero, none, nil, err
	}
	count.Close()
	if err := k.judge(ctx, proposal, count.Turnout(), e.total); err != nil {
		return zero, none, nil, err
	}
	results := map[govv1.VoteOption]math.LegacyDec{}
	for _, option := range []govv1.VoteOption{govv1.OptionYes, govv1.OptionAbstain, govv1.OptionNo, govv1.OptionNoWithVeto} {
		results[option] = count.For(int32(option))
	}
	return count.Turnout(), e.total, results, nil
}

// countVotes counts every vote, and removes them once the walk is over.
func (k *Keeper) countVotes(ctx context.Context, gov govkeeper.Keeper, proposal uint64, e electorate, c *tally.Count) error {
	var counted []collections.Pair[uint64, sdk.AccAddress]
	votes := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](proposal)
	err := gov.Votes.Walk(ctx, votes, func(key collections.Pair[uint64, sdk.AccAddress], vote govv1.Vote) (bool, error) {
		counted = append(counted, key)
		return false, k.countVote(ctx, e, c, key.K2(), vote.Options)
	})
	if err != nil {
		return err
	}
	for _, key := range counted {
		if err := gov.Votes.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// countVote counts one voter's tokens, and lets the vote stand for what others hold with the voter.
func (k *Keeper) countVote(ctx context.Context, e electorate, c *tally.Count, voter sdk.AccAddress, options govv1.WeightedVoteOptions) error {
	staked, err := k.staked(ctx, e, voter)
	if err != nil {
		return err
	}
	bonded, err := k.bonded(ctx, e, voter)
	if err != nil {
		return err
	}
	vote := tally.Vote{Options: optionsOf(options), Holdings: append(staked, bonded...)}
	if name := sdk.ValAddress(voter).String(); e.validators[name] != nil {
		vote.Carries = append(vote.Carries, name)
	}
	pool, err := k.pool(ctx, e, voter)
	if err != nil {
		return err
	}
	if pool.IsPositive() {
		c.Hold(voter.String(), pool)
		vote.Carries = append(vote.Carries, voter.String())
	}
	c.Vote(vote)
	return nil
}

// optionsOf reads the weights of a vote. One that can't be read weighs nothing.
func optionsOf(options govv1.WeightedVoteOptions) []tally.Option {
	read := make([]tally.Option, 0, len(options))
	for _, option := range options {
		weight, err := math.LegacyNewDecFromStr(option.Weight)
		if err != nil {
			weight = math.LegacyZeroDec()
		}
		read = append(read, tally.Option{Choice: int32(option.Option), Weight: weight})
	}
	return read
}

// electorate reads the validators whose tokens vote and adds up all votes there are.
func (k *Keeper) electorate(ctx context.Context) (electorate, error) {
	e := electorate{validators: map[string]stakingtypes.ValidatorI{}, total: math.ZeroInt()}
	err := k.ports.Staking.IterateBondedValidatorsByPower(ctx, func(_ int64, validator stakingtypes.ValidatorI) bool {
		e.validators[validator.GetOperator()] = validator
		e.order = append(e.order, validator.GetOperator())
		e.total = e.total.Add(validator.GetValidatorPower())
		return false
	})
	if err != nil {
		return e, err
	}
	staking, err := k.ports.Staking.BondDenom(ctx)
	if err != nil {
		return e, err
	}
	bond, err := k.ports.Bond.Denom(ctx)
	if err != nil {
		return e, err
	}
	if e.bonded = staking == bond; !e.bonded {
		return e, nil
	}
	bonded, err := k.ports.Bond.TotalBonded(ctx)
	if err != nil {
		return e, err
	}
	e.total = e.total.Add(bonded)
	return e, nil
}

// staked lists what an address has with the validators whose tokens vote.
func (k *Keeper) staked(ctx context.Context, e electorate, owner sdk.AccAddress) (holdings []tally.Holding, err error) {
	err = k.ports.Staking.IterateDelegations(ctx, owner, func(_ int64, delegation stakingtypes.DelegationI) bool {
		name := delegation.GetValidatorAddr()
		if v := e.validators[name]; v != nil {
			power := tally.Part(delegation.GetShares(), v.GetValidatorPower(), v.GetDelegatorShares())
			holdings = append(holdings, tally.Holding{Holder: name, Power: power})
		}
		return false
	})
	return holdings, err
}

// bonded lists what an address has with operators, its own stake included. Unbonding stake does not vote.
func (k *Keeper) bonded(ctx context.Context, e electorate, owner sdk.AccAddress) (holdings []tally.Holding, err error) {
	if !e.bonded {
		return nil, nil
	}
	backings, err := k.ports.Bond.BackingsOf(ctx, owner)
	if err != nil {
		return nil, err
	}
	for _, b := range backings {
		holdings = append(holdings, tally.Holding{Holder: b.Operator, Power: math.LegacyNewDecFromInt(b.Amount)})
	}
	return holdings, nil
}

// pool is what stands with an address as an operator.
func (k *Keeper) pool(ctx context.Context, e electorate, op sdk.AccAddress) (math.Int, error) {
	if !e.bonded {
		return math.ZeroInt(), nil
	}
	return k.ports.Bond.Bonded(ctx, op)
}

// judge notes what a count means for the messages of the proposal, should gov carry them out now: they take effect at once
// when all of them are of a kind that never waits, or when the proposal is expedited and so many voted as an emergency needs.
func (k *Keeper) judge(ctx context.Context, proposal govv1.Proposal, turnout math.LegacyDec, total math.Int) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	v := types.Verdict{ProposalId: proposal.Id}
	v.Emergency = proposal.Expedited && tally.Reached(turnout, total, params.EmergencyQuorumBps)
	v.Immediate = v.Emergency || neverWait(proposal.Messages)
	return k.verdict.Set(ctx, v)
}
