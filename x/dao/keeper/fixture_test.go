package keeper_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	bondkeeper "github.com/assaychain/assay/x/bond/keeper"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/dao/keeper"
	"github.com/assaychain/assay/x/dao/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

func TestMain(m *testing.M) {
	banktest.SetPrefixes()
	sdk.DefaultBondDenom = banktest.Denom
	os.Exit(m.Run())
}

// Periods of the tests' governance.
const (
	voting    = 10 * time.Second
	expedited = 4 * time.Second
	lock      = 20 * time.Second
)

// fixture is a dao keeper between the real gov, bond and bank keepers; who staked with whom is the test's to say.
type fixture struct {
	*banktest.Fixture
	k         *keeper.Keeper
	gov       *govkeeper.Keeper
	bond      *bondkeeper.Keeper
	bank      *faultyBank
	staking   *validators
	messages  *baseapp.MsgServiceRouter
	msg       types.MsgServer
	query     types.QueryServer
	authority string
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := newEmptyFixture(t)
	genesis := types.DefaultGenesis()
	genesis.Params.TimeLock = lock
	require.NoError(t, f.k.InitGenesis(f.Ctx, genesis))
	return f
}

// newEmptyFixture has no genesis of dao yet.
func newEmptyFixture(t testing.TB) *fixture {
	t.Helper()
	base := banktest.New(t, banktest.Account{Name: bondtypes.ModuleName}, banktest.Account{Name: types.ModuleName},
		banktest.Account{Name: govtypes.ModuleName, Permissions: []string{authtypes.Burner}})
	f := &fixture{
		Fixture: base, bank: &faultyBank{BaseKeeper: base.Bank, fails: map[string]bool{}}, staking: &validators{denom: banktest.Denom},
		messages: baseapp.NewMsgServiceRouter(), authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(),
	}
	types.RegisterInterfaces(base.Registry)
	bondtypes.RegisterInterfaces(base.Registry)
	govv1.RegisterInterfaces(base.Registry)
	govv1beta1.RegisterInterfaces(base.Registry)
	authz.RegisterInterfaces(base.Registry)
	f.messages.SetInterfaceRegistry(base.Registry)
	queries := baseapp.NewGRPCQueryRouter()
	queries.SetInterfaceRegistry(base.Registry)
	var err error
	f.bond, err = bondkeeper.NewKeeper(base.Cdc, base.Store(bondtypes.StoreKey), f.authority, bondtypes.Ports{Bank: f.bank, Accounts: base.Auth})
	require.NoError(t, err)
	require.NoError(t, f.bond.InitGenesis(base.Ctx, bondtypes.DefaultGenesis()))
	f.k, err = keeper.NewKeeper(base.Cdc, base.Store(types.StoreKey), f.authority, types.Ports{
		Staking: f.staking, Bond: f.bond, Bank: f.bank, Accounts: base.Auth, Messages: f.messages, Queries: queries,
	})
	require.NoError(t, err)
	f.govern()
	f.msg, f.query = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	types.RegisterMsgServer(f.messages, f.msg)
	types.RegisterQueryServer(queries, f.query)
	bondtypes.RegisterMsgServer(f.messages, bondkeeper.NewMsgServer(f.bond))
	bondtypes.RegisterQueryServer(queries, bondkeeper.NewQueryServer(f.bond))
	govv1.RegisterMsgServer(f.messages, govkeeper.NewMsgServerImpl(f.gov))
	govv1.RegisterQueryServer(queries, govkeeper.NewQueryServer(f.gov))
	return f
}

// govern starts the real gov module over the dao keeper.
func (f *fixture) govern() {
	f.gov = govkeeper.NewKeeper(f.Cdc, f.Store(govtypes.StoreKey), f.Auth, f.bank, f.Pool, f.k.Router(), govtypes.DefaultConfig(), f.authority, f.k.Tally)
	f.gov.SetLegacyRouter(govv1beta1.NewRouter().AddRoute(govtypes.RouterKey, govv1beta1.ProposalHandler))
	f.gov.SetHooks(keeper.NewGovHooks(f.k, f.gov))
	genesis := govv1.DefaultGenesisState()
	long, short := voting, expedited
	genesis.Params.VotingPeriod, genesis.Params.ExpeditedVotingPeriod = &long, &short
	govkeeper.InitGenesis(f.Ctx, f.Auth, f.bank, f.gov, genesis)
}

// block ends a block after so much time, as the application does.
func (f *fixture) block(d time.Duration) {
	f.T.Helper()
	f.Advance(d)
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(f.T, gov.EndBlocker(f.Ctx, f.gov))
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	f.sound()
}

// submit submits a proposal, in the name of somebody who has the deposit for it, in a transaction of its own.
func (f *fixture) submit(urgent bool, messages ...sdk.Msg) (uint64, error) {
	f.T.Helper()
	deposit := sdk.NewCoins(sdk.NewInt64Coin(banktest.Denom, 50_000_000))
	proposer := f.Fund("proposer", 50_000_000)
	m, err := govv1.NewMsgSubmitProposal(messages, deposit, proposer.String(), "", "title", "summary", urgent)
	require.NoError(f.T, err)
	result, err := f.deliver(m)
	if err != nil {
		return 0, err
	}
	return result.MsgResponses[0].GetCachedValue().(*govv1.MsgSubmitProposalResponse).ProposalId, nil
}

// deliver carries out a message as a transaction does: not at all when it fails.
func (f *fixture) deliver(m sdk.Msg) (*sdk.Result, error) {
	if basic, ok := m.(sdk.HasValidateBasic); ok {
		if err := basic.ValidateBasic(); err != nil {
			return nil, err
		}
	}
	ctx, write := f.Ctx.CacheContext()
	result, err := f.messages.Handler(m)(ctx, m)
	if err == nil {
		write()
	}
	return result, err
}

// proposed is a proposal that is open for votes.
func (f *fixture) proposed(urgent bool, messages ...sdk.Msg) uint64 {
	f.T.Helper()
	id, err := f.submit(urgent, messages...)
	require.NoError(f.T, err)
	return id
}

// vote votes with one option.
func (f *fixture) vote(id uint64, voter sdk.AccAddress, option govv1.VoteOption) {
	f.T.Helper()
	require.NoError(f.T, f.gov.AddVote(f.Ctx, id, voter, govv1.NewNonSplitVoteOption(option), ""))
}

// passed is a proposal that was voted on and passed.
func (f *fixture) passed(urgent bool, messages ...sdk.Msg) uint64 {
	f.T.Helper()
	id := f.proposed(urgent, messages...)
	f.vote(id, f.staking.majority(), govv1.OptionYes)
	f.block(map[bool]time.Duration{true: expedited, false: voting}[urgent])
	f.status(id, govv1.StatusPassed)
	return id
}

func (f *fixture) status(id uint64, want govv1.ProposalStatus) {
	f.T.Helper()
	proposal, err := f.gov.Proposals.Get(f.Ctx, id)
	require.NoError(f.T, err)
	require.Equal(f.T, want.String(), proposal.Status.String(), proposal.FailedReason)
}

// outcome is what became of a proposal that waited.
func (f *fixture) outcome(id uint64) types.Outcome {
	f.T.Helper()
	answer, err := f.query.Change(f.Ctx, &types.QueryChangeRequest{ProposalId: id})
	require.NoError(f.T, err)
	require.NotNil(f.T, answer.Outcome, "proposal %d still waits", id)
	return *answer.Outcome
}

// waits tells that a proposal is in the queue.
func (f *fixture) waits(id uint64) types.Scheduled {
	f.T.Helper()
	answer, err := f.query.Change(f.Ctx, &types.QueryChangeRequest{ProposalId: id})
	require.NoError(f.T, err)
	require.NotNil(f.T, answer.Scheduled, "proposal %d does not wait", id)
	return *answer.Scheduled
}

// bonded makes an operator with the given stake.
func (f *fixture) bonded(name string, amount int64) sdk.AccAddress {
	f.T.Helper()
	op := f.Fund(name, amount)
	_, err := f.bond.Bond(f.Ctx, op, math.NewInt(amount))
	require.NoError(f.T, err)
	return op
}

// sound checks the invariants and the bank's supply.
func (f *fixture) sound() {
	f.T.Helper()
	require.NoError(f.T, f.k.Invariants(f.Ctx))
	require.NoError(f.T, f.CheckSupply())
}

// state is the module's whole state as JSON.
func (f *fixture) state() string {
	f.T.Helper()
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(state))
}

// bondParams is a change of x/bond's parameters that the guardrails allow, or not.
func (f *fixture) bondParams(edit func(*bondtypes.Params)) *bondtypes.MsgUpdateParams {
	f.T.Helper()
	params, err := f.bond.Params(f.Ctx)
	require.NoError(f.T, err)
	edit(&params)
	return &bondtypes.MsgUpdateParams{Authority: f.authority, Params: params}
}

// fund puts tokens into the treasury.
func (f *fixture) fund(amount int64) {
	f.T.Helper()
	require.NoError(f.T, f.k.FundCommunityPool(f.Ctx, sdk.NewCoins(sdk.NewInt64Coin(banktest.Denom, amount)), f.Fund("donor", amount)))
}

// stream is a grant between two moments, counted from now.
func (f *fixture) stream(recipient string, amount int64, from, to time.Duration) *types.MsgCreateGrant {
	now := f.Ctx.BlockTime()
	return &types.MsgCreateGrant{
		Authority: f.authority, Recipient: recipient, Purpose: "work", Amount: sdk.NewInt64Coin(banktest.Denom, amount),
		Stream: &types.Stream{Start: now.Add(from), End: now.Add(to)},
	}
}

// outright is a grant of which everything has vested.
func (f *fixture) outright(recipient string, amount int64) *types.MsgCreateGrant {
	return f.stream(recipient, amount, -2*time.Second, -time.Second)
}

// packed packs a message.
func packed(t testing.TB, m sdk.Msg) *codectypes.Any {
	t.Helper()
	content, err := codectypes.NewAnyWithValue(m)
	require.NoError(t, err)
	return content
}

// emitted tells whether a typed event was emitted in the block.
func emitted(ctx sdk.Context, want proto.Message) bool {
	for _, event := range ctx.EventManager().ABCIEvents() {
		if got, err := sdk.ParseTypedEvent(event); err == nil && proto.Equal(got, want) {
			return true
		}
	}
	return false
}

// maxEntries is x/bond's parameter of that name, which the tests change.
func (f *fixture) maxEntries() uint32 {
	f.T.Helper()
	params, err := f.bond.Params(f.Ctx)
	require.NoError(f.T, err)
	return params.MaxEntries
}

func setEntries(n uint32) func(*bondtypes.Params) {
	return func(p *bondtypes.Params) { p.MaxEntries = n }
}

// faultyBank is the real bank, except that payments to some addresses fail.
type faultyBank struct {
	bankkeeper.BaseKeeper
	fails map[string]bool
	// panics makes every question whether an address may be paid panic.
	panics bool
}

func (b *faultyBank) BlockedAddr(addr sdk.AccAddress) bool {
	if b.panics {
		panic("bank is broken")
	}
	return b.BaseKeeper.BlockedAddr(addr)
}

func (b *faultyBank) SendCoinsFromModuleToAccount(ctx context.Context, sender string, to sdk.AccAddress, coins sdk.Coins) error {
	if b.fails[to.String()] {
		return errors.New("transfer refused")
	}
	return b.BaseKeeper.SendCoinsFromModuleToAccount(ctx, sender, to, coins)
}

// validators stands in for x/staking: who has how many shares of whose tokens.
type validators struct {
	denom string
	list  []stakingtypes.Validator
	// shares of each validator, by its place in the list and owner.
	delegations []stakingtypes.Delegation
	fails       bool
}

// stake gives somebody shares of a validator, at one token each, and makes the validator.
func (v *validators) stake(validator, owner sdk.AccAddress, tokens int64) {
	name := sdk.ValAddress(validator).String()
	shares := math.LegacyNewDec(tokens)
	v.delegations = append(v.delegations, stakingtypes.Delegation{DelegatorAddress: owner.String(), ValidatorAddress: name, Shares: shares})
	for i := range v.list {
		if v.list[i].OperatorAddress == name {
			v.list[i].Tokens, v.list[i].DelegatorShares = v.list[i].Tokens.AddRaw(tokens), v.list[i].DelegatorShares.Add(shares)
			return
		}
	}
	v.list = append(v.list, stakingtypes.Validator{
		OperatorAddress: name, Status: stakingtypes.Bonded, Tokens: math.NewInt(tokens), DelegatorShares: shares,
	})
}

// majority is a validator with nearly all tokens, made when there is none yet.
func (v *validators) majority() sdk.AccAddress {
	whale := banktest.Address("whale")
	if len(v.list) == 0 {
		v.stake(whale, whale, 1_000_000_000_000)
	}
	return whale
}

func (v *validators) BondDenom(context.Context) (string, error) { return v.denom, nil }

func (v *validators) IterateBondedValidatorsByPower(_ context.Context, visit func(int64, stakingtypes.ValidatorI) bool) error {
	if v.fails {
		return errors.New("state can't be read")
	}
	for i, validator := range v.list {
		if validator.Status == stakingtypes.Bonded && visit(int64(i), validator) {
			break
		}
	}
	return nil
}

func (v *validators) IterateDelegations(_ context.Context, owner sdk.AccAddress, visit func(int64, stakingtypes.DelegationI) bool) error {
	for i, delegation := range v.delegations {
		if delegation.DelegatorAddress == owner.String() && visit(int64(i), delegation) {
			break
		}
	}
	return nil
}
