package keeper_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
)

var operations = flag.Int("operations", 1_000, "random verbs in the long life of a few accounts")

// draws is where a life's choices come from: a property test, a random generator or a fuzzer.
type draws func(name string, limit int64) int64

// life is a few operators and backers that do everything they can, each verb on its own: a refused one changes nothing.
type life struct {
	*fixture
	people []sdk.AccAddress
	supply math.Int
	draw   draws
}

// newLife has three operators and three backers; operators may back each other.
func newLife(f *fixture, draw draws) *life {
	l := &life{fixture: f, draw: draw}
	for i := range 6 {
		l.people = append(l.people, f.Fund(fmt.Sprintf("person%d", i), 60_000_000))
	}
	f.Mint(f.Auth.GetModuleAddress(purse), sdk.NewInt64Coin(banktest.Denom, 1_000_000_000))
	l.supply = f.Supply()
	return l
}

func (l *life) op() sdk.AccAddress     { return l.people[l.draw("operator", 3)] }
func (l *life) person() sdk.AccAddress { return l.people[l.draw("person", int64(len(l.people)))] }

// amount is of any size; one in four is all that who has behind op.
func (l *life) amount(who, op sdk.AccAddress) math.Int {
	if l.draw("all", 4) == 0 {
		return math.NewInt(l.worth(who, op))
	}
	return math.NewInt(l.draw("amount", 9_000_000))
}

// verbs are everything that can happen, by name.
func (l *life) verbs() map[string]func(ctx sdk.Context) error {
	return map[string]func(ctx sdk.Context) error{
		"bond":   func(ctx sdk.Context) error { op := l.op(); _, err := l.k.Bond(ctx, op, l.amount(op, op)); return err },
		"unbond": func(ctx sdk.Context) error { op := l.op(); _, err := l.k.Unbond(ctx, op, l.amount(op, op)); return err },
		"back": func(ctx sdk.Context) error {
			who, op := l.person(), l.op()
			_, err := l.k.Back(ctx, who, op, l.amount(who, op))
			return err
		},
		"unback": func(ctx sdk.Context) error {
			who, op := l.person(), l.op()
			_, err := l.k.Unback(ctx, who, op, l.amount(who, op))
			return err
		},
		"move": func(ctx sdk.Context) error {
			who, from := l.person(), l.op()
			_, err := l.k.MoveBacking(ctx, who, from, l.op(), l.amount(who, from))
			return err
		},
		"cancel": func(ctx sdk.Context) error {
			_, err := l.k.CancelUnbonding(ctx, l.person(), uint64(l.draw("entry", 20)))
			return err
		},
		"withdraw": func(ctx sdk.Context) error { _, err := l.k.WithdrawRewards(ctx, l.person(), l.op()); return err },
		"commission": func(ctx sdk.Context) error {
			return l.k.SetCommission(ctx, l.op(), uint32(l.draw("commission", 5_500)))
		},
		"reward": func(ctx sdk.Context) error {
			return l.k.AddRewards(ctx, l.op(), sdk.NewInt64Coin(banktest.Denom, l.draw("reward", 1_000_000)), purse)
		},
		"expose": func(ctx sdk.Context) error {
			return l.k.Expose(ctx, l.op(), math.NewInt(l.draw("exposure", 9_000_000)))
		},
		"release": func(ctx sdk.Context) error {
			return l.k.Release(ctx, l.op(), math.NewInt(l.draw("exposure", 9_000_000)))
		},
		"require": func(ctx sdk.Context) error {
			return l.k.SetRequirement(ctx, l.op(), math.NewInt(l.draw("requirement", 9_000_000)))
		},
		"score": func(ctx sdk.Context) error { return l.k.SetScore(ctx, l.op(), uint64(l.draw("score", 1_000))) },
		"slash": func(ctx sdk.Context) error {
			bps := l.draw("bps", 500)
			if l.draw("hard", 16) == 0 {
				bps = 10_000 - 5*bps*l.draw("whole", 2)
			}
			_, err := l.k.Slash(ctx, l.op(), uint32(bps), court)
			return err
		},
		"restore": func(ctx sdk.Context) error {
			held := l.ModuleBalance(court)
			return l.k.Restore(ctx, l.op(), held.QuoRaw(1+l.draw("part", 4)), court)
		},
		"period": func(ctx sdk.Context) error { _, err := l.k.ClosePeriod(ctx); return err },
		"forget": func(ctx sdk.Context) error { return l.k.ForgetPoints(ctx, l.op(), uint64(l.draw("period", 20))) },
		"expire": func(ctx sdk.Context) error { return l.k.ForgetPeriod(ctx, uint64(l.draw("period", 5))) },
	}
}

// step tries one verb and ends the block. Whatever it was, what a slash can reach covers the exposure, or misses it by no
// more than before unless it was a slash that cut into it.
func (l *life) step(t require.TestingT, name string, verb func(ctx sdk.Context) error) {
	gaps := l.gaps(t)
	cached, write := l.Ctx.CacheContext()
	if verb(cached) == nil {
		write()
	}
	require.NoError(t, l.k.EndBlock(l.Ctx))
	for i, gap := range l.gaps(t) {
		require.False(t, name != "slash" && gap.GT(gaps[i]), "%s: slashable stake of operator %d misses its exposure by %s, before by %s", name, i, gap, gaps[i])
	}
	require.NoError(t, l.k.Invariants(l.Ctx), name)
	sum := l.ModuleBalance("bond").Add(l.ModuleBalance(court)).Add(l.ModuleBalance(purse))
	for _, who := range l.people {
		sum = sum.Add(l.Balance(who))
	}
	require.Equal(t, l.supply.String(), sum.String(), name)
}

// gaps are by how much every operator's slashable stake misses its exposure.
func (l *life) gaps(t require.TestingT) []math.Int {
	gaps := make([]math.Int, 3)
	for i := range gaps {
		pool, err := l.k.Pool(l.Ctx, l.people[i])
		require.NoError(t, err)
		gaps[i] = math.MaxInt(math.ZeroInt(), pool.Position().Slack().Neg())
	}
	return gaps
}

// wait lets up to limit pass.
func (l *life) wait(limit time.Duration) {
	l.Advance(time.Duration(l.draw("time", int64(limit))))
}

// TestRandomLives runs random verbs of everybody with the hook after each, and shrinks what goes wrong.
func TestRandomLives(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newFixture(t)
		l := newLife(f, nil)
		actions := map[string]func(*rapid.T){}
		bind := func(r *rapid.T) draws {
			return func(name string, limit int64) int64 { return rapid.Int64Range(0, limit-1).Draw(r, name) }
		}
		for name, verb := range l.verbs() {
			actions[name] = func(r *rapid.T) {
				l.draw = bind(r)
				l.step(r, name, verb)
			}
		}
		actions["wait"] = func(r *rapid.T) {
			l.draw = bind(r)
			l.wait(unbonding)
			l.step(r, "wait", func(sdk.Context) error { return nil })
		}
		r.Repeat(actions)
	})
}

// TestLongLife runs many verbs of the same few people, so that pools are slashed to nothing and begin anew, entries wait,
// and records of many periods come and go. From time to time the state goes through a genesis file.
func TestLongLife(t *testing.T) {
	// With the first seed an entry waits whose unbonding pool was slashed to nothing and replaced.
	for _, seed := range []int64{836726801627638232, rand.Int63()} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { longLife(t, seed) })
	}
}

func longLife(t *testing.T, seed int64) {
	r := rand.New(rand.NewSource(seed))
	l := newLife(newFixture(t), func(_ string, limit int64) int64 { return r.Int63n(limit) })
	names, done := orderedVerbs(l)
	waited, replaced := 0, 0
	for i := range *operations {
		name := names[r.Intn(len(names))]
		l.step(t, name, func(ctx sdk.Context) error {
			err := done[name](ctx)
			if err == nil {
				l.wait(4 * 24 * time.Hour)
			}
			return err
		})
		if i%10 > 0 {
			continue
		}
		state, err := l.k.ExportGenesis(l.Ctx)
		require.NoError(t, err)
		replaced = max(replaced, len(state.ClosedPools))
		for _, entry := range state.Entries {
			if entry.Waiting {
				waited++
			}
		}
		if i%200 == 0 {
			g := newEmptyFixture(t)
			g.Ctx = g.Ctx.WithBlockTime(l.Ctx.BlockTime())
			g.Mint(g.Auth.GetModuleAddress("bond"), sdk.NewCoin(banktest.Denom, l.ModuleBalance("bond")))
			require.NoError(t, g.k.InitGenesis(g.Ctx, state))
			require.Equal(t, l.state(), g.state())
		}
		// Coins that were slashed come back to people, so that life goes on.
		if court := l.ModuleBalance(court); court.IsPositive() {
			require.NoError(t, l.Bank.SendCoinsFromModuleToAccount(l.Ctx, "court", l.person(), sdk.NewCoins(sdk.NewCoin(banktest.Denom, court))))
		}
	}
	t.Logf("%d operations, %d entries seen waiting, up to %d replaced pools at a time", *operations, waited, replaced)
}

// orderedVerbs are a life's verbs and their names in a fixed order.
func orderedVerbs(l *life) ([]string, map[string]func(ctx sdk.Context) error) {
	return []string{
		"bond", "unbond", "back", "unback", "move", "cancel", "withdraw", "commission", "reward", "expose", "release",
		"require", "score", "slash", "restore", "period", "forget", "expire", "bond", "back", "back", "expose", "unback",
	}, l.verbs()
}

// FuzzEndBlock lets a fuzzer choose verbs, times and payouts that fail. The hook never fails, never panics and logs no
// error but for the payouts that the fuzzer broke, and the books are right after it.
func FuzzEndBlock(f *testing.F) {
	r := rand.New(rand.NewSource(1))
	for range 8 {
		seed := make([]byte, 400)
		r.Read(seed)
		f.Add(seed)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		fixture := newFixture(t)
		var logged bytes.Buffer
		fixture.Ctx = fixture.Ctx.WithLogger(log.NewLogger(&logged, log.OutputJSONOption()))
		l := newLife(fixture, nil)
		l.draw = func(_ string, limit int64) int64 {
			word := make([]byte, 8)
			data = data[copy(word, data):]
			return int64(binary.LittleEndian.Uint64(word) % uint64(limit))
		}
		names, verbs := orderedVerbs(l)
		for steps := 0; len(data) > 0 && steps < 60; steps++ {
			name := names[l.draw("verb", int64(len(names)))]
			l.wait(30 * 24 * time.Hour)
			broken := l.draw("broken", 8) == 0
			if broken {
				l.bank.fails[l.person().String()] = fault(1 + l.draw("how", 2))
			}
			l.step(t, name, verbs[name])
			if !broken {
				require.NotContains(t, logged.String(), `"level":"error"`)
			}
			l.bank.fails = map[string]fault{}
			logged.Reset()
		}
	})
}
