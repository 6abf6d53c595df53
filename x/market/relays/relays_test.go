package relays_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/relays"
)

// TestReceiptsAreBoundToEverything: a signature is of one receipt only, whichever field differs.
func TestReceiptsAreBoundToEverything(t *testing.T) {
	public, secret, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	base := relays.Receipt{ChainID: "assay-1", Job: 1, Attempt: 2, Draw: 3, Relay: []byte{4, 5}, Bytes: 6, Expires: 7}
	signature := ed25519.Sign(secret, base.SignBytes())
	require.NoError(t, base.Verify(public, signature))
	for name, change := range map[string]func(r *relays.Receipt){
		"chain":   func(r *relays.Receipt) { r.ChainID = "assay-2" },
		"moved":   func(r *relays.Receipt) { r.ChainID = "assay-1\x00" },
		"job":     func(r *relays.Receipt) { r.Job++ },
		"attempt": func(r *relays.Receipt) { r.Attempt++ },
		"draw":    func(r *relays.Receipt) { r.Draw++ },
		"relay":   func(r *relays.Receipt) { r.Relay = []byte{4} },
		"root":    func(r *relays.Receipt) { r.BoxRoot[31]++ },
		"bytes":   func(r *relays.Receipt) { r.Bytes++ },
		"expires": func(r *relays.Receipt) { r.Expires++ },
	} {
		changed := base
		change(&changed)
		require.ErrorIs(t, changed.Verify(public, signature), relays.ErrReceipt, name)
	}
	require.ErrorIs(t, base.Verify(public[1:], signature), relays.ErrReceipt)
	require.ErrorIs(t, base.Verify(public, signature[1:]), relays.ErrReceipt)
}

func TestFees(t *testing.T) {
	require.EqualValues(t, 90, relays.FeeOf(math.NewInt(50), math.NewInt(10), 3<<20+1).Int64())
	require.EqualValues(t, 1, relays.MiB(1))
	require.EqualValues(t, 1, relays.MiB(1<<20))
}

// TestChoiceTakesThoseWhoServedLast whatever the order in which they are met.
func TestChoiceTakesThoseWhoServedLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.IntRange(1, 5).Draw(t, "want")
		choice := relays.Choice[string]{Want: want}
		fresh, served := 0, 0
		for i, before := range rapid.SliceOfN(rapid.Bool(), 0, 12).Draw(t, "before") {
			name := fmt.Sprint(before, i)
			if before {
				served++
			} else {
				fresh++
			}
			if done := choice.Offer(name, before); done != (fresh >= want) {
				t.Fatal("it does not end when it is full of others")
			} else if done {
				break
			}
		}
		taken := choice.Taken()
		require.Len(t, taken, min(want, fresh+served))
		for i, name := range taken {
			require.Equal(t, i >= fresh, name[:4] == "true", "%v", taken)
		}
	})
}

func TestSeedsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for job := range uint64(5) {
		for draw := range uint32(5) {
			seen[string(relays.Seed([]byte{1}, job, draw))] = true
			seen[string(relays.Seed([]byte{2}, job, draw))] = true
		}
	}
	require.Len(t, seen, 50)
}
