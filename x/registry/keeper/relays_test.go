package keeper_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

var (
	carol = sdk.AccAddress("carol_______________")
	// relayKey is the key that every relay of these tests says it has.
	relayKey = bytes.Repeat([]byte{7}, 32)
)

// declare says where an operator's relay is; nowhere when url is empty.
func (f *fixture) declare(operator sdk.AccAddress, url string, key []byte) error {
	_, err := f.msgs.UpdateOperator(f.ctx, &types.MsgUpdateOperator{
		Operator: operator.String(), Moniker: "relay", Endpoint: "http://a", RelayUrl: url, RelayKey: key,
	})
	return err
}

// holders are who has each place of the register before a moment; empty where nobody has.
func (f *fixture) holders(t require.TestingT, moment uint64) []string {
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

// size is the number of places of the register.
func (f *fixture) size(t require.TestingT) uint64 {
	places, _, err := f.keeper.RelayRegister(f.ctx)
	require.NoError(t, err)
	return places
}

// TestRelaysKeepTheirPlaces: an operator has a place from its first device on, nobody's place is moved by another's leaving, who takes an
// empty place is unseen by draws that were fixed before, who has no device has no place, and an import keeps all of it.
func TestRelaysKeepTheirPlaces(t *testing.T) {
	f := newFixture(t)
	operators := []sdk.AccAddress{alice, bob, carol}
	for _, operator := range operators {
		f.operator(operator, 1)
	}
	require.NoError(t, f.declare(alice, "https://a.example", relayKey))
	require.Empty(t, f.holders(t, 1<<60), "without a device there need be no bond")
	for n, operator := range operators {
		f.stake(operator, 100)
		require.NoError(t, f.register(gpu(operator, n, 100)))
		require.NoError(t, f.declare(operator, "https://a.example", relayKey))
	}
	require.Equal(t, []string{alice.String(), bob.String(), carol.String()}, f.holders(t, 1<<60))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	f.block(10 * time.Second)
	_, moment, err := f.keeper.RelayRegister(f.ctx)
	require.NoError(t, err)
	require.NoError(t, f.declare(alice, "", nil))
	require.Equal(t, []string{"", bob.String(), carol.String()}, f.holders(t, moment))
	require.NoError(t, f.declare(alice, "https://c.example", relayKey))
	require.Equal(t, []string{"", bob.String(), carol.String()}, f.holders(t, moment), "too late for a draw that is fixed")
	require.Equal(t, []string{alice.String(), bob.String(), carol.String()}, f.holders(t, moment+1))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	require.NoError(t, f.retire(bob, 1))
	require.Equal(t, []string{alice.String(), "", carol.String()}, f.holders(t, moment+1))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	f.block(10 * time.Second)
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, state.Relays, 3)
	again := newFixture(t)
	again.ctx = again.ctx.WithBlockTime(f.ctx.BlockTime())
	require.NoError(t, again.keeper.InitGenesis(again.ctx, state))
	require.Equal(t, f.export(), again.export())
	require.NoError(t, again.keeper.Invariants(again.ctx))
	for _, at := range []uint64{moment, moment + 1} {
		require.Equal(t, f.holders(t, at), again.holders(t, at))
	}
	again.stake(bob, 100)
	require.NoError(t, again.register(gpu(bob, 1, 100)))
	require.NoError(t, again.declare(bob, "https://b.example", relayKey))
	require.Equal(t, []string{alice.String(), bob.String(), carol.String()}, again.holders(t, 1<<60), "the empty place is known")
}

// TestMalformedRegisterIsRefused: places out of order, without their relay, of two or of nobody that has one, or taken later than now.
func TestMalformedRegisterIsRefused(t *testing.T) {
	f := newFixture(t)
	f.block(10 * time.Second)
	for n, operator := range []sdk.AccAddress{alice, bob, carol} {
		f.operator(operator, 100)
		require.NoError(t, f.register(gpu(operator, n, 100)))
		require.NoError(t, f.declare(operator, "https://a.example", relayKey))
	}
	require.NoError(t, f.declare(bob, "", nil))
	f.block(10 * time.Second)
	for want, spoil := range map[string]func(g *types.GenesisState){
		"relays[1] has number 5":         func(g *types.GenesisState) { g.Relays[1].Number = 5 },
		"relays[1] has number 2":         func(g *types.GenesisState) { g.Relays = append(g.Relays[:1], g.Relays[2]) },
		"has a relay and no place":       func(g *types.GenesisState) { g.Relays[0] = types.RelayPlace{} },
		"relays[1] is empty since 5":     func(g *types.GenesisState) { g.Relays[1].Since = 5 },
		"two places":                     func(g *types.GenesisState) { g.Relays[1].Operator = alice.String() },
		"relays has 3 operators, 2 have": func(g *types.GenesisState) { g.Relays[1].Operator = bob.String() },
		"relays[0] has since":            func(g *types.GenesisState) { g.Relays[0].Since = g.Clock.ActiveMs + 1 },
		"relays[2] has since":            func(g *types.GenesisState) { g.Relays[2].Since = 1 << 60 },
	} {
		state, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, state.Validate())
		spoil(state)
		require.ErrorIs(t, state.Validate(), types.ErrGenesis, want)
		require.ErrorContains(t, newFixture(t).keeper.InitGenesis(f.ctx, state), want)
	}
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	state.Relays[0].Since = state.Clock.ActiveMs
	require.NoError(t, state.Validate(), "taken in the last block")
}

// TestRegisterShrinksAfterAFlood: whatever the order in which a flood of relays withdraws, the register is as small as before after a few
// changes more, each of which takes 16 places off at most; one that stays keeps the others' places counted.
func TestRegisterShrinksAfterAFlood(t *testing.T) {
	const flood = 40
	f := newFixture(t)
	crowd := make([]sdk.AccAddress, flood)
	join := func(operator sdk.AccAddress, n int) {
		f.operator(operator, 100)
		require.NoError(t, f.register(gpu(operator, n, 100)))
		require.NoError(t, f.declare(operator, "https://a.example", relayKey))
	}
	f.block(time.Second)
	join(alice, 0)
	for i := range crowd {
		crowd[i] = sdk.AccAddress(fmt.Sprintf("crowd%15d", i))
		join(crowd[i], i+1)
	}
	require.EqualValues(t, flood+1, f.size(t))
	f.block(10 * time.Second)
	_, moment, err := f.keeper.RelayRegister(f.ctx)
	require.NoError(t, err)
	for i, operator := range crowd {
		require.EqualValues(t, flood+1, f.size(t), "%d places, the last is taken", i)
		require.NoError(t, f.declare(operator, "", nil))
	}
	require.EqualValues(t, flood+1-16, f.size(t))
	require.NoError(t, f.keeper.Invariants(f.ctx))
	require.NoError(t, f.declare(alice, "", nil))
	require.EqualValues(t, flood+1-32, f.size(t))
	require.NoError(t, f.declare(alice, "https://a.example", relayKey))
	require.Equal(t, []string{alice.String()}, f.holders(t, 1<<60))
	require.NoError(t, f.keeper.Invariants(f.ctx))

	for i, operator := range crowd {
		require.NoError(t, f.declare(operator, "https://a.example", relayKey))
		require.EqualValues(t, i+2, f.size(t))
	}
	for i := range uint64(flood + 1) {
		_, there, err := f.keeper.RelayAt(f.ctx, i, moment)
		require.NoError(t, err)
		require.False(t, there, "place %d: a draw that was fixed sees nobody who took a place that was trimmed", i)
	}
	for i := flood - 2; i >= 0; i-- {
		require.NoError(t, f.declare(crowd[i], "", nil))
	}
	require.EqualValues(t, flood+1, f.size(t), "the last one pins it")
	require.NoError(t, f.declare(crowd[0], "https://a.example", relayKey))
	require.Equal(t, crowd[0].String(), f.holders(t, 1<<60)[1], "the lowest empty place is taken first")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

// fixedDraw is what a draw remembers of the register, and whom it saw as it was fixed.
type fixedDraw struct {
	moment uint64
	saw    []string
}

// TestFixedDrawsStay: relays come, withdraw and lose their devices at random, and blocks go by. A draw that was fixed sees in each place
// whom it saw then, until that relay leaves, and nobody else for ever; the register agrees with a plain list whose end is trimmed.
func TestFixedDrawsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(t)
		crowd := make([]sdk.AccAddress, 6)
		for i := range crowd {
			crowd[i] = sdk.AccAddress(fmt.Sprintf("crowd%15d", i))
			f.operator(crowd[i], 1_000)
		}
		f.block(time.Second)
		var draws []fixedDraw
		var model []string
		// serve follows in the model who has a relay and a device.
		serve := func(operator string) {
			found, err := f.keeper.Operator(f.ctx, sdk.MustAccAddressFromBech32(operator))
			require.NoError(t, err)
			at := slices.Index(model, operator)
			switch {
			case found.ServesRelay() && at < 0:
				if empty := slices.Index(model, ""); empty >= 0 {
					model[empty] = operator
				} else {
					model = append(model, operator)
				}
			case !found.ServesRelay() && at >= 0:
				model[at] = ""
				for len(model) > 0 && model[len(model)-1] == "" {
					model = model[:len(model)-1]
				}
				for _, draw := range draws {
					if at < len(draw.saw) && draw.saw[at] == operator {
						draw.saw[at] = ""
					}
				}
			}
		}
		who := rapid.IntRange(0, len(crowd)-1)
		t.Repeat(map[string]func(*rapid.T){
			"declare": func(t *rapid.T) {
				operator := crowd[who.Draw(t, "who")]
				require.NoError(t, f.declare(operator, "https://a.example", relayKey))
				serve(operator.String())
			},
			"withdraw": func(t *rapid.T) {
				operator := crowd[who.Draw(t, "who")]
				require.NoError(t, f.declare(operator, "", nil))
				serve(operator.String())
			},
			"device": func(t *rapid.T) {
				n := who.Draw(t, "who")
				_ = f.register(gpu(crowd[n], n, 100))
				serve(crowd[n].String())
			},
			"retire": func(t *rapid.T) {
				n := who.Draw(t, "who")
				_ = f.retire(crowd[n], n)
				serve(crowd[n].String())
			},
			"block": func(*rapid.T) { f.block(time.Second) },
			"rules": func(t *rapid.T) {
				params := unchecked()
				params.MaxBlockGapSeconds = rapid.Uint32Range(1, 60).Draw(t, "gap")
				require.NoError(t, f.keeper.SetParams(f.ctx, params))
			},
			"fix": func(*rapid.T) {
				_, moment, err := f.keeper.RelayRegister(f.ctx)
				require.NoError(t, err)
				draws = append(draws, fixedDraw{moment: moment, saw: f.holders(t, moment)})
			},
			"": func(t *rapid.T) {
				require.NoError(t, f.keeper.Invariants(f.ctx))
				require.Equal(t, len(model), len(f.holders(t, 1<<60)))
				for i, operator := range f.holders(t, 1<<60) {
					require.Equal(t, model[i], operator)
				}
				for _, draw := range draws {
					for i, saw := range draw.saw {
						operator, _, err := f.keeper.RelayAt(f.ctx, uint64(i), draw.moment)
						require.NoError(t, err)
						require.Equal(t, saw, operator.Address)
					}
				}
			},
		})
	})
}

// TestClockNeverGoesBack: rules with a smaller gap leave the moments of the block that sets them where they are, so that who takes a place
// afterwards is unseen by draws that were fixed before.
func TestClockNeverGoesBack(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 100)
	require.NoError(t, f.register(gpu(alice, 0, 100)))
	f.block(time.Second)
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(30 * time.Second))
	require.NoError(t, f.declare(alice, "https://a.example", relayKey))
	before, err := f.keeper.Now(f.ctx)
	require.NoError(t, err)
	params := unchecked()
	params.MaxBlockGapSeconds = 1
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	after, err := f.keeper.Now(f.ctx)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	state, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, before, state.Clock.ActiveMs)
	require.NoError(t, state.Validate())
}

// TestBadRelaysAreRefused: a URL without a key, a key without a URL, a URL that leads to a user.
func TestBadRelaysAreRefused(t *testing.T) {
	f := newFixture(t)
	f.operator(alice, 1)
	before := f.export()
	for url, given := range map[string][]byte{
		"https://a.example": nil, "": relayKey, "ftp://a": relayKey, "http://user@a": relayKey, "https://a.example/": relayKey[:31],
	} {
		require.ErrorIs(t, f.declare(alice, url, given), types.ErrField, url)
	}
	require.Equal(t, before, f.export())
}
