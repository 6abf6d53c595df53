package chain_test

import (
	"context"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/chain/chaintest"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// scene is the application with one operator to be, whose hot key exists.
type scene struct {
	t      *testing.T
	node   *chaintest.Node
	client *chain.Client
	cold   *chain.Signer
	hot    *chain.Signer
	now    chain.Registration
}

func newScene(t *testing.T) *scene {
	_, beacon := actors.Beacon(t)
	tested := testchain.New(t, testchain.Config{Accounts: 2, Beacon: beacon, Circuits: actors.Circuits(t)})
	s := &scene{t: t, node: chaintest.New(tested)}
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	s.client, err = chain.NewClient(s.node, encoding, 10*time.Second)
	require.NoError(t, err)
	coldKeys := chaintest.Keyring(t, encoding.Codec, "cold", "account 1")
	hotKeys := keyring.NewInMemory(encoding.Codec)
	_, _, err = hotKeys.NewMnemonic("hot", keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	require.NoError(t, err)
	operator := tested.Account(1).Address
	s.cold = s.signer(encoding, coldKeys, "cold", nil)
	s.hot = s.signer(encoding, hotKeys, "hot", operator)
	id := make([]byte, 32)
	id[0] = 1
	s.now = chain.Registration{
		Operator: operator, HotKey: s.hot.Address(), Moniker: "m", Endpoint: "http://127.0.0.1:8700",
		Bond: sdk.NewInt64Coin("uassay", 1_000_000_000), FeeLimit: sdk.NewCoins(sdk.NewInt64Coin("uassay", 20_000_000)),
		Devices: []registrytypes.MsgRegisterDevice{{
			Operator: operator.String(), Id: id, Model: "cpu", Class: registrytypes.DEVICE_CLASS_CPU,
			Backend: registrytypes.BACKEND_CPU, MemoryMib: 100, Lanes: 1, Price: math.NewInt(1000), Available: true,
		}},
	}
	return s
}

func (s *scene) signer(encoding chain.Encoding, keys keyring.Keyring, name string, granter sdk.AccAddress) *chain.Signer {
	price, err := sdk.ParseDecCoin("0.001uassay")
	require.NoError(s.t, err)
	signer, err := chain.NewSigner(chain.SignerConfig{
		ChainID: testchain.DefaultID, Keyring: keys, KeyName: name, TxConfig: encoding.TxConfig, FeeGranter: granter, TimeoutBlocks: 10,
		Fees: chain.FeePolicy{GasPrice: price, GasAdjustment: 1.5, MaxFee: sdk.NewInt64Coin("uassay", 10_000_000)}, Poll: time.Millisecond,
	}, s.client, s.client)
	require.NoError(s.t, err)
	return signer
}

// send sends messages, commits a block and returns what became of them.
func (s *scene) send(from *chain.Signer, messages ...sdk.Msg) error {
	signed, err := from.Send(context.Background(), nil, messages...)
	if err != nil {
		return err
	}
	s.node.Advance(time.Second)
	outcome, err := from.Resolve(context.Background(), signed)
	require.NoError(s.t, err)
	require.True(s.t, outcome.OK(), outcome.Log)
	return nil
}

func (s *scene) register() {
	have, err := s.client.Existing(context.Background(), s.now)
	require.NoError(s.t, err)
	messages, err := s.now.Messages(have)
	require.NoError(s.t, err)
	require.NoError(s.t, s.send(s.cold, messages...))
}

func TestRegistrationIsOneTransactionAndRepeatable(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	_, err := s.client.Operator(ctx, s.now.Operator)
	require.ErrorIs(t, err, chain.ErrNotFound)
	s.register()
	operator, err := s.client.Operator(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:8700", operator.Endpoint)
	devices, err := s.client.Devices(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Len(t, devices, 1)
	stake, err := s.client.Stake(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Equal(t, "1000000000", stake.Bonded.String())
	missing, err := s.client.MissingGrants(ctx, s.now.Operator, s.now.HotKey)
	require.NoError(t, err)
	require.Empty(t, missing)
	left, found, err := s.client.Allowance(ctx, s.now.Operator, s.now.HotKey)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "20000000uassay", left.String())
	s.now.Bond = sdk.Coin{}
	s.now.Endpoint = "http://127.0.0.1:9999"
	s.register()
	operator, err = s.client.Operator(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:9999", operator.Endpoint)
	devices, err = s.client.Devices(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Len(t, devices, 1)
}

// TestRegistrationSetsPowerAndHours: where the chain has others, and only then; the hot key reports the device's condition.
func TestRegistrationSetsPowerAndHours(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	s.now.PowerBudget, s.now.Hours = 900, registrytypes.AllHours-1
	s.register()
	operator, err := s.client.Operator(ctx, s.now.Operator)
	require.NoError(t, err)
	require.EqualValues(t, 900, operator.PowerBudget)
	devices, err := s.client.Devices(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Equal(t, s.now.Hours, devices[0].Hours)
	have, err := s.client.Existing(ctx, s.now)
	require.NoError(t, err)
	again, err := s.now.Messages(have)
	require.NoError(t, err)
	for _, message := range again {
		require.NotContains(t, []string{
			sdk.MsgTypeURL(&registrytypes.MsgSetPowerBudget{}), sdk.MsgTypeURL(&registrytypes.MsgSetDevicePower{}),
		}, sdk.MsgTypeURL(message))
	}
	require.NoError(t, s.send(s.hot, s.hot.OnBehalf(&registrytypes.MsgReportTelemetry{
		Operator: s.now.Operator.String(), Device: devices[0].Id, Celsius: 86, Watts: 40,
	})))
	devices, err = s.client.Devices(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Equal(t, registrytypes.HEAT_HOT, devices[0].Heat)
}

// TestAnotherMachineLeavesThePowerBudget: it is the operator's, so a machine whose configuration has none doesn't end it, and one with another
// sets that.
func TestAnotherMachineLeavesThePowerBudget(t *testing.T) {
	s := newScene(t)
	budget := func() uint32 {
		operator, err := s.client.Operator(context.Background(), s.now.Operator)
		require.NoError(t, err)
		return operator.PowerBudget
	}
	s.now.PowerBudget = 900
	s.register()
	first := s.now.Devices
	second := first[0]
	second.Id = append([]byte{2}, make([]byte, 31)...)
	s.now.Devices, s.now.PowerBudget = []registrytypes.MsgRegisterDevice{second}, 0
	s.register()
	require.EqualValues(t, 900, budget())
	s.now.PowerBudget = 700
	s.register()
	require.EqualValues(t, 700, budget())
}

// TestRegistrationMovesDevices: those that are registered in another cell are told where they are now, and keep everything else; without a location
// they stay.
func TestRegistrationMovesDevices(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	s.now.Devices[0].Cell, s.now.Devices[0].HourlyPrice = 522, math.NewInt(7)
	s.register()
	before, err := s.client.Devices(ctx, s.now.Operator)
	require.NoError(t, err)
	s.now.Bond = sdk.Coin{}
	for _, c := range []struct{ told, cell uint32 }{{487, 487}, {0, 487}, {487, 487}} {
		s.now.Devices[0].Cell = c.told
		have, err := s.client.Existing(ctx, s.now)
		require.NoError(t, err)
		require.Equal(t, c.cell, have.Cell(s.now.Devices[0]))
		s.register()
		after, err := s.client.Devices(ctx, s.now.Operator)
		require.NoError(t, err)
		require.Equal(t, c.cell, after[0].Cell)
		after[0].Cell = before[0].Cell
		require.Equal(t, before, after)
	}
	have, err := s.client.Existing(ctx, s.now)
	require.NoError(t, err)
	messages, err := s.now.Messages(have)
	require.NoError(t, err)
	for _, message := range messages {
		require.NotEqual(t, sdk.MsgTypeURL(&registrytypes.MsgUpdateDevice{}), sdk.MsgTypeURL(message), "it is there already")
	}
}

func TestRegistrationNeedsASeparateHotKey(t *testing.T) {
	address := sdk.AccAddress("a")
	_, err := chain.Registration{Operator: address, HotKey: address}.Messages(chain.Existing{})
	require.ErrorContains(t, err, "key of its own")
}

// TestHotKeyCanOnlyWork tries everything that would move the bond or money, plain and wrapped, and what its work needs.
func TestHotKeyCanOnlyWork(t *testing.T) {
	s := newScene(t)
	s.register()
	operator, hot := s.now.Operator.String(), s.now.HotKey.String()
	coin := sdk.NewCoins(sdk.NewInt64Coin("uassay", 1))
	device := s.now.Devices[0]
	grant, err := authz.NewMsgGrant(s.now.Operator, s.now.HotKey, authz.NewGenericAuthorization(sdk.MsgTypeURL(&bondtypes.MsgUnbond{})), nil)
	require.NoError(t, err)
	for name, message := range map[string]sdk.Msg{
		"unbond":        &bondtypes.MsgUnbond{Operator: operator, Amount: math.NewInt(1)},
		"bond":          &bondtypes.MsgBond{Operator: operator, Amount: math.NewInt(1)},
		"payout":        &registrytypes.MsgUpdateOperator{Operator: operator, Moniker: "m", Endpoint: "http://127.0.0.1:1", PayoutAddress: hot},
		"new device":    &registrytypes.MsgRegisterDevice{Operator: operator, Id: make([]byte, 32), Model: "x", Class: 1, Backend: 1, Lanes: 1, Price: math.NewInt(1000)},
		"power budget":  &registrytypes.MsgSetPowerBudget{Operator: operator, Budget: 1},
		"hours":         &registrytypes.MsgSetDevicePower{Operator: operator, Device: device.Id, Hours: 1},
		"retire device": &registrytypes.MsgRetireDevice{Operator: operator, Id: device.Id},
		"send":          &banktypes.MsgSend{FromAddress: operator, ToAddress: hot, Amount: coin},
		"grant itself":  grant,
	} {
		require.ErrorIs(t, s.send(s.hot, s.hot.OnBehalf(message)), chain.ErrRefused, name)
		nested := authz.NewMsgExec(s.now.HotKey, []sdk.Msg{s.hot.OnBehalf(message)})
		require.ErrorIs(t, s.send(s.hot, &nested), chain.ErrRefused, "%s, nested", name)
	}
	// The operator pays for wrapped messages and beacon rounds only.
	require.ErrorContains(t, s.send(s.hot, &banktypes.MsgSend{FromAddress: hot, ToAddress: operator, Amount: coin}), "allowed")
	update := &registrytypes.MsgUpdateDevice{Operator: operator, Id: device.Id, Lanes: 1, Price: math.NewInt(2000), Available: false}
	require.NoError(t, s.send(s.hot, s.hot.OnBehalf(update)))
	// What it may do reaches its module: the refusal is the market's, about the job, or the registry's, about the device.
	for name, message := range map[string]sdk.Msg{
		"commit":  &markettypes.MsgCommitResult{Worker: operator, JobId: 99, Attempt: 1, Commitment: make([]byte, 32)},
		"report":  &markettypes.MsgReportUnavailable{Worker: operator, JobId: 99, Attempt: 1},
		"deliver": &markettypes.MsgDeliverResult{Worker: operator, JobId: 99, Sealed: make([]byte, 60)},
		"answer":  &markettypes.MsgAnswerDispute{Worker: operator, JobId: 99, Attempt: 1, Number: 1, Proof: make([]byte, 196)},
		"prove":   &markettypes.MsgProveResult{Worker: operator, JobId: 99, Attempt: 1, Round: 1},
		"measure": &registrytypes.MsgReportRoundTrips{Operator: operator, Device: device.Id, RoundTrips: []registrytypes.RoundTrip{{Device: device.Id, Micros: 1}}},
	} {
		err := s.send(s.hot, s.hot.OnBehalf(message))
		require.ErrorIs(t, err, chain.ErrRefused, name)
		require.NotContains(t, err.Error(), "authorization", name)
	}
	stake, err := s.client.Stake(context.Background(), s.now.Operator)
	require.NoError(t, err)
	require.Equal(t, "1000000000", stake.Bonded.String())
}

func TestClientReadsTheRealApplication(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	status, err := s.client.Status(ctx)
	require.NoError(t, err)
	require.Equal(t, testchain.DefaultID, status.ChainID)
	_, err = s.client.Job(ctx, 99)
	require.ErrorIs(t, err, chain.ErrNotFound)
	jobs, err := s.client.ActiveJobs(ctx, s.now.Operator)
	require.NoError(t, err)
	require.Empty(t, jobs)
	circuits, err := s.client.Circuits(ctx)
	require.NoError(t, err)
	require.Len(t, circuits, 2)
	beacon, err := s.client.BeaconParams(ctx)
	require.NoError(t, err)
	require.Len(t, beacon.Chain.PublicKey, 96)
	pending, err := s.client.PendingRounds(ctx)
	require.NoError(t, err)
	require.Empty(t, pending)
	posted, err := s.client.RoundPosted(ctx, 3)
	require.NoError(t, err)
	require.False(t, posted)
	params, err := s.client.RegistryParams(ctx)
	require.NoError(t, err)
	require.True(t, chain.MinimumBond(params, []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CPU}).IsPositive())
	_, err = s.client.MarketParams(ctx)
	require.NoError(t, err)
	_, found, err := s.client.Allowance(ctx, s.now.Operator, s.now.HotKey)
	require.NoError(t, err)
	require.False(t, found)
	missing, err := s.client.MissingGrants(ctx, s.now.Operator, s.now.HotKey)
	require.NoError(t, err)
	require.Equal(t, chain.GrantedMessages(), missing)
	_, found, err = s.client.Find(ctx, hex.EncodeToString(make([]byte, 32)))
	require.NoError(t, err)
	require.False(t, found)
	require.Contains(t, chain.PaidMessages(), sdk.MsgTypeURL(&beacontypes.MsgPostRound{}))
}
