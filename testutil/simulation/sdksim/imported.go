package sdksim

import (
	"encoding/json"
	"math/rand"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/assaychain/assay/testutil/chain"
)

// Import starts a new application with the exported state of another, at its height and time and with its accounts. No block is
// committed yet.
func Import(t testing.TB, from *Simulation, exported servertypes.ExportedApp) *Simulation {
	t.Helper()
	s := New(t, from.config)
	s.accounts, s.now, s.height = from.accounts, from.now, exported.Height-1
	_, err := s.InitChain(&abci.RequestInitChain{
		ChainId: ChainID, Time: from.now, InitialHeight: exported.Height, ConsensusParams: &exported.ConsensusParams,
		AppStateBytes: exported.AppState,
	})
	require.NoError(t, err)
	return s
}

// Start begins a chain with a random genesis, to be continued.
func Start(t testing.TB, config Config) *Simulation {
	t.Helper()
	s := New(t, config)
	s.now = chain.Start
	r := rand.New(rand.NewSource(config.Seed))
	people := simtypes.RandomAccounts(r, accounts)
	state, who, _, _ := s.genesis()(r, people, s.simulator())
	s.accounts = who
	params := cmttypes.DefaultConsensusParams().ToProto()
	_, err := s.InitChain(&abci.RequestInitChain{ChainId: ChainID, Time: s.now, InitialHeight: 1, ConsensusParams: &params, AppStateBytes: state})
	require.NoError(t, err)
	return s
}

// Accounts are the people of the simulated chain.
func (s *Simulation) Accounts() []simtypes.Account { return s.accounts }

// Context is a copy of the state after the last block, to be thrown away, at a later time.
func (s *Simulation) Context(after time.Duration) sdk.Context {
	ctx, _ := s.last().WithBlockHeight(s.height + 1).WithBlockTime(s.now.Add(after)).CacheContext()
	return ctx
}

// Message makes a random message that suits a state; nil when the one drawn has nothing to do.
func (s *Simulation) Message(ctx sdk.Context, r *rand.Rand) sdk.Msg {
	m := s.make(ctx, r, s.accounts, s.draw(r))
	if m.reporter.IsSkipped() {
		return nil
	}
	return m.message
}

// last is a context to read the state after the last block, or after the import.
func (s *Simulation) last() sdk.Context {
	header := cmtproto.Header{ChainID: ChainID, Height: s.height, Time: s.now}
	if s.LastBlockHeight() == 0 {
		return s.NewContextLegacy(false, header)
	}
	return s.NewUncachedContext(false, header)
}

// ExportUncommitted writes the state of a chain that was imported and has not committed a block.
func (s *Simulation) ExportUncommitted() json.RawMessage {
	s.t.Helper()
	modules, err := s.ModuleManager.ExportGenesisForModules(s.last(), s.Encoding().Codec, nil)
	require.NoError(s.t, err)
	state, err := json.MarshalIndent(modules, "", "  ")
	require.NoError(s.t, err)
	return state
}

// Continue commits blocks with random messages, all of whose validators sign.
func (s *Simulation) Continue(blocks int) {
	s.t.Helper()
	r := rand.New(rand.NewSource(s.config.Seed))
	for range blocks {
		request := s.request()
		s.height++
		s.now = s.now.Add(time.Duration(1+r.Intn(10_000)) * time.Second)
		request.Height, request.Time = s.height, s.now
		_, err := s.FinalizeBlock(request)
		require.NoError(s.t, err)
		ctx := s.NewContextLegacy(false, cmtproto.Header{ChainID: ChainID, Height: s.height, Time: s.now, ProposerAddress: request.ProposerAddress})
		for range r.Intn(2 * s.config.Messages) {
			result, _, err := s.operation(s.draw(r))(r, s.BaseApp, ctx, s.accounts, ChainID)
			require.NoError(s.t, err, "%s at height %d", result.Name, s.height)
		}
		s.SimWriteState()
		_, err = s.Commit()
		require.NoError(s.t, err)
	}
	s.requireQuiet()
}

// request is a block signed by all validators and proposed by the strongest.
func (s *Simulation) request() *abci.RequestFinalizeBlock {
	s.t.Helper()
	ctx := s.last()
	bonded, err := s.Staking.GetBondedValidatorsByPower(ctx)
	require.NoError(s.t, err)
	request := &abci.RequestFinalizeBlock{}
	for _, validator := range bonded {
		address, err := validator.GetConsAddr()
		require.NoError(s.t, err)
		power := validator.GetConsensusPower(s.Staking.PowerReduction(ctx))
		request.DecidedLastCommit.Votes = append(request.DecidedLastCommit.Votes, abci.VoteInfo{
			Validator: abci.Validator{Address: address, Power: power}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
		})
	}
	require.NotEmpty(s.t, request.DecidedLastCommit.Votes, "no validator is left")
	request.ProposerAddress = request.DecidedLastCommit.Votes[0].Validator.Address
	return request
}
