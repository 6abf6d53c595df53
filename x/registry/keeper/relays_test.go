package keeper_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// declare says where an operator's relay is; nowhere when url is empty.
func (f *fixture) declare(operator sdk.AccAddress, url string, key []byte) error {
	_, err := f.msgs.UpdateOperator(f.ctx, &types.MsgUpdateOperator{
		Operator: operator.String(), Moniker: "relay", Endpoint: "http://a", RelayUrl: url, RelayKey: key,
	})
	return err
}

// holders are who has each place of the register before a moment; empty where nobody has.
func (f *fixture) holders(t *testing.T, moment uint64) []string {
	places, _, err := f.keeper.RelayRegister(f.ctx)
	require.NoError(t, err)
	list := make([]string, places)
	for i := range list {
		operator, there, err := f.keeper.RelayAt(f.ctx, uint64(i), moment)
		require.NoError(t, err)
		if there {
			list[i] = operator.Address
		}
	}
	return list
}

// TestRelaysKeepTheirPlaces: an operator has a place from its first device on, nobody's place is moved by another's leaving, who takes an
// empty place is unseen by draws that were fixed before, and who has no device has no place.
func TestRelaysKeepTheirPlaces(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 1)
	f.operator(bob, 1)
	key := bytes.Repeat([]byte{7}, 32)
	require.NoError(t, f.declare(alice, "https://a.example", key))
	require.Empty(t, f.holders(t, 1<<60), "without a device there need be no bond")
	require.NoError(t, f.register(gpuFor(f, alice)))
	f.stake(bob, 100)
	require.NoError(t, f.register(gpu(bob, 2, 100)))
	require.NoError(t, f.declare(bob, "https://b.example", key))
	require.Equal(t, []string{alice.String(), bob.String()}, f.holders(t, 1<<60))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	require.NoError(t, f.keeper.EndBlock(f.ctx))
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(10 * time.Second))
	_, moment, err := f.keeper.RelayRegister(f.ctx)
	require.NoError(t, err)
	require.NoError(t, f.declare(alice, "", nil))
	require.Equal(t, []string{"", bob.String()}, f.holders(t, moment))
	require.NoError(t, f.declare(alice, "https://c.example", key))
	require.Equal(t, []string{"", bob.String()}, f.holders(t, moment), "too late for a draw that is fixed")
	require.Equal(t, []string{alice.String(), bob.String()}, f.holders(t, moment+1))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	_, err = f.msgs.RetireDevice(f.ctx, &types.MsgRetireDevice{Operator: bob.String(), Id: gpu(bob, 2, 100).Id})
	require.NoError(t, err)
	require.Equal(t, []string{alice.String(), ""}, f.holders(t, moment+1))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, state.Relays, 2)
	for name, spoil := range map[string]func(g *types.GenesisState){
		"number":  func(g *types.GenesisState) { g.Relays[1].Number = 5 },
		"lost":    func(g *types.GenesisState) { g.Relays[0] = types.RelayPlace{} },
		"since":   func(g *types.GenesisState) { g.Relays[1].Since = 5 },
		"twice":   func(g *types.GenesisState) { g.Relays[1].Operator = alice.String() },
		"foreign": func(g *types.GenesisState) { g.Relays[1].Operator = bob.String() },
	} {
		spoilt := *state
		spoilt.Relays = append([]types.RelayPlace(nil), state.Relays...)
		spoil(&spoilt)
		require.ErrorIs(t, spoilt.Validate(), types.ErrGenesis, name)
	}
}

// TestBadRelaysAreRefused: a URL without a key, a key without a URL, a URL that leads to a user.
func TestBadRelaysAreRefused(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 1)
	key := bytes.Repeat([]byte{7}, 32)
	before := f.export()
	for url, given := range map[string][]byte{
		"https://a.example": nil, "": key, "ftp://a": key, "http://user@a": key, "https://a.example/": key[:31],
	} {
		require.ErrorIs(t, f.declare(alice, url, given), types.ErrField, url)
	}
	require.Equal(t, before, f.export())
}
