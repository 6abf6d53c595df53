package replicas_test

import (
	"bytes"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/proofs/program"
)

// result is a trace in which a step with the number n has the root n.
func result(steps ...byte) [][]byte {
	var roots [][]byte
	for _, n := range steps {
		roots = append(roots, bytes.Repeat([]byte{n}, program.RootSize))
	}
	return roots
}

func TestCompare(t *testing.T) {
	same, other, late := result(1, 2, 3), result(1, 9, 8), result(1, 2, 4)
	for name, c := range map[string]struct {
		results [][][]byte
		m       uint32
		want    replicas.Verdict
		at      replicas.Place
	}{
		"nobody":                   {nil, 2, replicas.Nobody, replicas.Place{}},
		"one":                      {[][][]byte{same}, 2, replicas.TooFew, replicas.Place{}},
		"two":                      {[][][]byte{same, same}, 2, replicas.Agreement, replicas.Place{}},
		"two of three wanted":      {[][][]byte{same, same}, 3, replicas.TooFew, replicas.Place{}},
		"a majority outvotes none": {[][][]byte{same, same, same, late}, 2, replicas.Differs, replicas.Place{Step: 2, Other: 3}},
		"the first step counts":    {[][][]byte{same, late, other}, 2, replicas.Differs, replicas.Place{Step: 1, Other: 2}},
	} {
		verdict, at := replicas.Compare(c.results, c.m)
		require.Equal(t, c.want, verdict, name)
		require.Equal(t, c.at, at, name)
	}
}

func TestChildren(t *testing.T) {
	for _, c := range [][3]uint32{{1, 0, 1}, {16, 0, 16}, {17, 0, 16}, {17, 1, 1}, {17, 2, 0}, {4096, 255, 16}, {4096, 1 << 31, 0}} {
		require.Equal(t, c[2], replicas.Children(c[0], c[1]), "%v", c)
	}
}

// The shares of all operators never exceed what is locked.
func TestSharesAreCovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		locked := math.NewIntFromUint64(rapid.Uint64().Draw(t, "locked"))
		n := rapid.Uint32Range(replicas.Min, replicas.Max).Draw(t, "replicas")
		if all := replicas.Share(locked, n).MulRaw(int64(n)); all.GT(locked) || locked.Sub(all).GTE(math.NewInt(int64(n))) {
			t.Fatalf("%s of %s", all, locked)
		}
	})
}

// strategy is what an operator of the game does.
type strategy struct {
	// values are its output, of one step with four entries: zeros are right.
	values [4]byte
	// quits before it commits, reveals, shows or proves; 0 for never.
	quits int
	// copies another's commitment, which names its worker.
	copies bool
}

const (
	quitCommit = iota + 1
	quitReveal
	quitShow
	quitProve
)

// play plays a round: who is left, and who was punished. It follows the rules of the module with trees of one level.
func play(t *rapid.T, players []strategy, agreement uint32) (left []int, punished map[int]bool, verdict replicas.Verdict) {
	punished = map[int]bool{}
	for i, p := range players {
		switch {
		case p.quits == quitCommit || p.quits == quitReveal || p.copies:
			punished[i] = true
		default:
			left = append(left, i)
		}
	}
	for round := 0; ; round++ {
		if round > len(players) {
			t.Fatalf("still differing after %d differences", round)
		}
		var results [][][]byte
		for _, i := range left {
			results = append(results, result(hash(players[i].values)))
		}
		var at replicas.Place
		if verdict, at = replicas.Compare(results, agreement); verdict != replicas.Differs {
			return left, punished, verdict
		}
		one, other := players[left[at.One]], players[left[at.Other]]
		col := -1
		if shows(players, left, one.values) && shows(players, left, other.values) {
			first, differs := replicas.FirstColumn(one.values[:], other.values[:], 1)
			if !differs {
				t.Fatal("equal values of different roots")
			}
			col = first
		}
		var next []int
		for _, i := range left {
			p := players[i]
			side := p.values == one.values || p.values == other.values
			switch {
			case col < 0 && side && !shows(players, left, p.values), col >= 0 && (p.values[col] != 0 || p.quits >= quitShow && p.quits <= quitProve):
				punished[i] = true
			default:
				next = append(next, i)
			}
		}
		left = next
	}
}

// shows tells whether anybody with a result shows it.
func shows(players []strategy, left []int, values [4]byte) bool {
	for _, i := range left {
		if players[i].values == values && players[i].quits != quitShow {
			return true
		}
	}
	return false
}

// hash tells outputs apart as roots do.
func hash(values [4]byte) byte { return values[0] + 3*values[1] + 9*values[2] + 27*values[3] }

// Whatever four others do: an honest operator is left and isn't punished; whoever copies, or leaves before its result is known, is
// punished; who is left with a false result has the same as all others that are left, and no honest operator was among them.
func TestNoStrategyPaysAgainstAnHonestOperator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		players := []strategy{{}}
		for range rapid.IntRange(1, 4).Draw(t, "others") {
			var p strategy
			for c := range p.values {
				p.values[c] = byte(rapid.IntRange(0, 2).Draw(t, "value"))
			}
			p.quits, p.copies = rapid.IntRange(0, 4).Draw(t, "quits"), rapid.IntRange(0, 5).Draw(t, "copies") == 0
			players = append(players, p)
		}
		at := rapid.IntRange(0, len(players)-1).Draw(t, "place of the honest one")
		players[0], players[at] = players[at], players[0]
		left, punished, verdict := play(t, players, 2)
		stays := false
		for _, i := range left {
			stays = stays || i == at
			if players[i].values != [4]byte{} {
				t.Fatalf("%+v is left beside an honest operator", players[i])
			}
		}
		if !stays || punished[at] {
			t.Fatalf("the honest operator is out: %v left of %+v", left, players)
		}
		if verdict == replicas.Agreement && len(left) < 2 {
			t.Fatalf("%v agree", left)
		}
		for i, p := range players {
			if lost := p.copies || p.quits == quitCommit || p.quits == quitReveal || p.values != [4]byte{}; lost && !punished[i] {
				t.Fatalf("%+v is not punished", p)
			}
		}
	})
}

// Differences end whatever the results are, honest operators or none: one operator is out after each at least.
func TestDifferencesEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var players []strategy
		for range rapid.IntRange(2, 5).Draw(t, "operators") {
			var p strategy
			for c := range p.values {
				p.values[c] = byte(rapid.IntRange(0, 2).Draw(t, "value"))
			}
			p.quits = rapid.IntRange(0, 4).Draw(t, "quits")
			players = append(players, p)
		}
		left, punished, verdict := play(t, players, 2)
		if len(left)+len(punished) != len(players) || (verdict == replicas.Nobody) != (len(left) == 0) {
			t.Fatalf("%v left, %v punished of %d", left, punished, len(players))
		}
	})
}
