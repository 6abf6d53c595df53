package keeper_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/assaychain/assay/x/penalty/simulation"
	"github.com/assaychain/assay/x/penalty/types"
)

// modules knows the address of every module.
type modules struct{}

func (modules) GetModuleAddress(name string) sdk.AccAddress { return authtypes.NewModuleAddress(name) }

// deliver sends what a factory makes to the message service.
func (f *fixture) deliver(msg sdk.Msg) error {
	cached, write := f.Ctx.CacheContext()
	var err error
	switch m := msg.(type) {
	case *types.MsgUnjail:
		_, err = f.msg.Unjail(cached, m)
	case *types.MsgAppeal:
		_, err = f.msg.Appeal(cached, m)
	case *types.MsgSubmitEvidence:
		_, err = f.msg.SubmitEvidence(cached, m)
	case *types.MsgResolveAppeal:
		m.Authority = f.Authority
		_, err = f.msg.ResolveAppeal(cached, m)
	case *types.MsgUpdateParams:
		m.Authority = f.Authority
		_, err = f.msg.UpdateParams(cached, m)
	}
	if err == nil {
		write()
	}
	return err
}

// TestSimulatedMessages: every factory makes messages that are taken, or refused for a reason that it names.
func TestSimulatedMessages(t *testing.T) {
	f := newFixture(t)
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	f.setParams(func(p *types.Params) { p.Rules[11].Jail, p.Rules[11].TombstoneAfter = time.Minute, 0 })
	var accounts []simtypes.Account
	for i := range 8 {
		op, key := f.signer(fmt.Sprint("simulated ", i), 100_000_000)
		f.Mint(op, sdk.NewInt64Coin("uassay", 100_000_000))
		accounts = append(accounts, simtypes.Account{PrivKey: key, PubKey: key.PubKey(), Address: op, AddressBech32: op.String()})
	}
	factories := []simsx.SimMsgFactoryX{
		simulation.MsgUnjailFactory(f.k), simulation.MsgAppealFactory(f.k), simulation.MsgSubmitEvidenceFactory(),
		simulation.MsgResolveAppealFactory(f.k), simulation.MsgUpdateParamsFactory(f.k),
	}
	taken := map[string]int{}
	for range 400 {
		factory := factories[random.Intn(len(factories))]
		data := simsx.NewChainDataSource(f.Ctx, random, modules{}, f.Bank, address.NewBech32Codec("assay"), accounts...)
		reporter := simsx.NewBasicSimulationReporter().WithScope(factory.MsgType())
		if _, msg := simsx.SafeRunFactoryMethod(f.Ctx, data, reporter, factory.Create()); !reporter.IsSkipped() {
			err := f.deliver(msg)
			require.NoError(t, factory.DeliveryResultHandler()(err), "%T", msg)
			if err == nil {
				taken[sdk.MsgTypeURL(msg)]++
			}
		}
		f.Advance(time.Duration(random.Intn(300)) * time.Second)
		require.NoError(t, f.k.EndBlock(f.Ctx))
	}
	f.sound()
	require.Len(t, taken, len(factories), "%v", taken)
	require.Empty(t, f.errors.lines)
}

// TestSimulatedGenesis: every random state is valid.
func TestSimulatedGenesis(t *testing.T) {
	f := newFixture(t)
	for seed := range int64(200) {
		state := &module.SimulationState{Cdc: f.Cdc, Rand: rand.New(rand.NewSource(seed)), GenState: map[string]json.RawMessage{}}
		simulation.RandomizedGenState(state)
		var genesis types.GenesisState
		require.NoError(t, f.Cdc.UnmarshalJSON(state.GenState[types.ModuleName], &genesis))
		require.NoError(t, genesis.Validate(), seed)
	}
}
