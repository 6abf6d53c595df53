package keeper_test

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// scene is a chain on which anything may happen in any order.
type scene struct {
	*fixture
	ops  []sdk.AccAddress
	keys []*secp256k1.PrivKey
	// others may be victims and reporters.
	others []sdk.AccAddress
	// burnt is what events say was burnt.
	burnt math.Int
	// minted is what the scene itself added.
	minted math.Int
}

func newScene(t testing.TB) *scene {
	s := &scene{fixture: newFixture(t), burnt: math.ZeroInt(), minted: math.ZeroInt()}
	for _, name := range []string{"a", "b"} {
		op, key := s.signer(name, 50_000_000)
		s.ops, s.keys = append(s.ops, op), append(s.keys, key)
	}
	s.others = append(append(s.others, s.ops...), nil, banktest.Address("victim"), s.Auth.GetModuleAddress(types.ModuleName))
	return s
}

// try runs a call that may be refused, as a transaction does.
func (s *scene) try(call func(ctx sdk.Context) error) {
	cached, write := s.Ctx.CacheContext()
	if call(cached) == nil {
		write()
	}
}

func (s *scene) actions() map[string]func(*rapid.T) {
	who := func(r *rapid.T) int { return rapid.IntRange(0, len(s.ops)-1).Draw(r, "who") }
	other := func(r *rapid.T, name string) sdk.AccAddress { return rapid.SampledFrom(s.others).Draw(r, name) }
	id := func(r *rapid.T) uint64 { return rapid.Uint64Range(1, 12).Draw(r, "id") }
	amount := func(r *rapid.T) math.Int {
		return math.NewInt(rapid.Int64Range(1_000_000, 30_000_000).Draw(r, "amount"))
	}
	return map[string]func(*rapid.T){
		"unbond": func(r *rapid.T) {
			s.try(func(ctx sdk.Context) error { _, err := s.bond.Unbond(ctx, s.ops[who(r)], amount(r)); return err })
		},
		"back": func(r *rapid.T) {
			backer, sum := s.Fund("backer", 30_000_000), amount(r)
			s.minted = s.minted.AddRaw(30_000_000)
			s.try(func(ctx sdk.Context) error { _, err := s.bond.Back(ctx, backer, s.ops[who(r)], sum); return err })
		},
		"punish": func(r *rapid.T) {
			_, err := s.k.Punish(s.Ctx, types.Punishment{
				Operator: s.ops[who(r)], Offence: types.Offence(rapid.Int32Range(1, 12).Draw(r, "offence")),
				Subject: "job/1/1", Victim: other(r, "victim"), Reporter: other(r, "reporter"),
			})
			require.NoError(r, err)
		},
		"report": func(r *rapid.T) {
			w := who(r)
			e := s.equivocation(s.ops[w], s.keys[w], "epoch", rapid.Int64Range(0, 2).Draw(r, "ago"))
			s.try(func(ctx sdk.Context) error {
				_, err := s.k.SubmitEquivocation(ctx, other(r, "reporter"), e)
				return err
			})
		},
		"appeal": func(r *rapid.T) {
			op := s.ops[who(r)]
			s.Mint(op, sdk.NewInt64Coin(banktest.Denom, appealBond))
			s.minted = s.minted.AddRaw(appealBond)
			s.try(func(ctx sdk.Context) error { _, err := s.k.Appeal(ctx, op, id(r), "why"); return err })
		},
		"resolve": func(r *rapid.T) {
			s.try(func(ctx sdk.Context) error {
				return s.k.ResolveAppeal(ctx, id(r), rapid.Bool().Draw(r, "grant"), "")
			})
		},
		"unjail": func(r *rapid.T) {
			op := s.ops[who(r)]
			jailed := s.jailed(op)
			s.try(func(ctx sdk.Context) error {
				err := s.k.Unjail(ctx, op)
				require.True(r, err != nil || jailed)
				return err
			})
		},
		"govern": func(r *rapid.T) {
			s.setParams(func(p *types.Params) {
				p.MaxSettledPerBlock, p.MaxPrunedPerBlock = rapid.Uint32Range(1, 3).Draw(r, "settled"), rapid.Uint32Range(1, 3).Draw(r, "pruned")
				p.VictimBps = rapid.Uint32Range(0, 4_000).Draw(r, "victim share")
				p.Rules[rapid.IntRange(0, 11).Draw(r, "rule")].RepetitionSeconds = rapid.Uint64Range(1, types.MaxRepetitionSeconds).Draw(r, "window")
				p.HistorySeconds = rapid.Uint64Range(1, 60*24*3600).Draw(r, "history")
				p.EvidenceSeconds = rapid.Uint64Range(1, types.MaxEvidenceSeconds).Draw(r, "evidence")
			})
		},
		"wait": func(r *rapid.T) { s.Advance(time.Duration(rapid.Int64Range(0, int64(8*24*time.Hour)).Draw(r, "time"))) },
	}
}

func (s *scene) endBlocks(r *rapid.T) {
	require.NoError(r, s.bond.EndBlock(s.Ctx))
	require.NoError(r, s.k.EndBlock(s.Ctx))
}

// follow ends the block, checks the books and adds up what the events say was burnt.
func (s *scene) follow(r *rapid.T) {
	s.endBlocks(r)
	require.NoError(r, s.bond.Invariants(s.Ctx))
	require.NoError(r, s.k.Invariants(s.Ctx))
	for _, raw := range s.Ctx.EventManager().ABCIEvents() {
		if raw.Type == "assay.penalty.v1.EventSettled" || raw.Type == "assay.penalty.v1.EventRestored" {
			s.burnt = s.burnt.Add(burntBy(r, raw))
		}
	}
	s.Ctx = s.Ctx.WithEventManager(sdk.NewEventManager())
}

// burntBy is what an event says was burnt.
func burntBy(r *rapid.T, raw abci.Event) math.Int {
	event, err := sdk.ParseTypedEvent(raw)
	require.NoError(r, err)
	record := types.Record{}
	switch e := event.(type) {
	case *types.EventSettled:
		record = e.Record
	case *types.EventRestored:
		record = e.Record
	}
	if record.Appeal == nil {
		return record.Burnt
	}
	return record.Burnt.Add(record.Appeal.Burnt)
}

// scenes is the property that anything in any order keeps the books: after every block supply before = after + what events
// say was burnt, the invariants of bond and penalty hold, and no hook logs an error. At the end nothing is held for ever.
func scenes(t testing.TB) func(*rapid.T) {
	return func(r *rapid.T) {
		s := newScene(t)
		supply := s.Supply()
		actions := s.actions()
		actions[""] = func(r *rapid.T) {
			s.follow(r)
			require.Equal(r, supply.Add(s.minted).String(), s.Supply().Add(s.burnt).String())
			require.Empty(r, s.errors.lines)
		}
		r.Repeat(actions)
		s.setParams(func(p *types.Params) { p.MaxSettledPerBlock = 1_000 })
		s.Advance(appealWindow + resolutionWindow)
		s.follow(r)
		require.Zero(r, held(s.fixture))
		require.True(r, s.ModuleBalance(types.ModuleName).IsZero())
		require.NoError(r, s.CheckSupply())
	}
}

func TestRandomPunishments(t *testing.T) { rapid.Check(t, scenes(t)) }

// FuzzHooks lets the fuzzer choose what happens between and in the blocks.
func FuzzHooks(f *testing.F) {
	f.Add(make([]byte, 4_096))
	f.Fuzz(func(t *testing.T, content []byte) { rapid.MakeFuzz(scenes(t))(t, content) })
}
