package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/registry/types"
)

func TestOperatorsRegisterOnceAndUpdate(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 1)
	operator, err := f.keeper.Operator(f.ctx, alice)
	require.NoError(t, err)
	require.Equal(t, types.Operator{
		Address: alice.String(), Moniker: "Nice GPUs", Endpoint: "https://worker.example.com:7433",
		PayoutAddress: alice.String(), RegisteredAt: f.ctx.BlockTime(),
	}, operator)

	_, err = f.msgs.RegisterOperator(f.ctx, &types.MsgRegisterOperator{Operator: alice.String(), Moniker: "a", Endpoint: "http://a"})
	require.ErrorIs(t, err, types.ErrOperatorExists)
	_, err = f.msgs.UpdateOperator(f.ctx, &types.MsgUpdateOperator{Operator: bob.String(), Moniker: "a", Endpoint: "http://a"})
	require.ErrorIs(t, err, types.ErrOperatorNotFound)

	require.NoError(t, f.register(gpuFor(f, alice)))
	_, err = f.msgs.UpdateOperator(f.ctx, &types.MsgUpdateOperator{
		Operator: alice.String(), Moniker: "Better GPUs", Endpoint: "http://[::1]:80/worker", PayoutAddress: bob.String(),
	})
	require.NoError(t, err)
	operator, err = f.keeper.Operator(f.ctx, alice)
	require.NoError(t, err)
	require.Equal(t, bob.String(), operator.PayoutAddress)
	require.Equal(t, "Better GPUs", operator.Moniker)
	require.EqualValues(t, 1, operator.Devices, "an update keeps what it doesn't name")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// gpuFor bonds enough for a GPU and returns the message that registers it.
func gpuFor(f *fixture, operator sdk.AccAddress) *types.MsgRegisterDevice {
	f.stake(operator, 100)
	return gpu(operator, 1, 100)
}

func TestBadOperatorsAreRefused(t *testing.T) {
	f := newFixture(t)
	before := f.export()
	for name, c := range map[string]struct {
		msg  types.MsgRegisterOperator
		want error
	}{
		"address":         {types.MsgRegisterOperator{Operator: "cosmos1", Moniker: "a", Endpoint: "http://a"}, types.ErrAddress},
		"no address":      {types.MsgRegisterOperator{Moniker: "a", Endpoint: "http://a"}, types.ErrAddress},
		"payout":          {types.MsgRegisterOperator{Operator: alice.String(), Moniker: "a", Endpoint: "http://a", PayoutAddress: "x"}, types.ErrAddress},
		"no moniker":      {types.MsgRegisterOperator{Operator: alice.String(), Endpoint: "http://a"}, types.ErrField},
		"moniker":         {types.MsgRegisterOperator{Operator: alice.String(), Moniker: strings.Repeat("a", 65), Endpoint: "http://a"}, types.ErrField},
		"control moniker": {types.MsgRegisterOperator{Operator: alice.String(), Moniker: "a\x1b[2J", Endpoint: "http://a"}, types.ErrField},
		"broken moniker":  {types.MsgRegisterOperator{Operator: alice.String(), Moniker: "a\xff", Endpoint: "http://a"}, types.ErrField},
		"endpoint":        {types.MsgRegisterOperator{Operator: alice.String(), Moniker: "a", Endpoint: "ftp://a"}, types.ErrField},
		"blocked payout": {types.MsgRegisterOperator{
			Operator: alice.String(), Moniker: "a", Endpoint: "http://a", PayoutAddress: authtypes.NewModuleAddress(bondtypes.ModuleName).String(),
		}, types.ErrBlockedAddress},
	} {
		err := f.do(func(ctx sdk.Context) error { _, err := f.msgs.RegisterOperator(ctx, &c.msg); return err })
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, before, f.export(), name)
	}
}

func TestEndpoints(t *testing.T) {
	for _, good := range []string{
		"http://a", "https://worker.example.com", "https://worker.example.com:7433", "http://10.0.0.1:80/", "http://[::1]:7433",
		"https://[fe80::1]/api/v1", "http://localhost:1/a-b_c~d/%20", "https://" + strings.Repeat("a", types.MaxEndpoint-8),
	} {
		require.NoError(t, types.ValidateEndpoint(good), good)
	}
	for _, bad := range []string{
		"", "a", "worker.example.com", "ftp://a", "HTTP://a", "http:/a", "http://", "https:///path", "http://:80", "http://a:", "http://a:0",
		"http://a:65536", "http://a:+80", "http://a:80x", "http://a:8:8", "http://user@a", "http://user:pass@a/", "http://a/#f", "http://a/?q", "http://a b",
		"http://a/\n", "http://ä", "http://[::1", "http://[]", "http://[::1]x", "http://[g::]", "http://a\\b", "http://a_b", "javascript:alert(1)",
		"https://" + strings.Repeat("a", types.MaxEndpoint-7),
	} {
		require.ErrorIs(t, types.ValidateEndpoint(bad), types.ErrField, "%q", bad)
	}
}

func TestAuthority(t *testing.T) {
	f := newFixture(t)
	params := unchecked()
	params.MaxDevicesPerOperator = 7
	for _, sender := range []string{"", alice.String(), "nonsense"} {
		_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: sender, Params: params})
		require.Error(t, err)
	}
	got, err := f.keeper.Params(f.ctx)
	require.NoError(t, err)
	require.Equal(t, unchecked(), got)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority})
	require.ErrorIs(t, err, types.ErrParams)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
	require.NoError(t, err)
	got, err = f.keeper.Params(f.ctx)
	require.NoError(t, err)
	require.Equal(t, params, got)
}
