package accounts_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
)

// TestSameAsTheSDK decodes addresses and what damage makes of them, each twice: what is remembered changes no answer.
func TestSameAsTheSDK(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := sdk.AccAddress(rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "address")).String()
		switch rapid.IntRange(0, 3).Draw(t, "damage") {
		case 0:
			raw := []byte(text)
			raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
			text = string(raw)
		case 1:
			text = strings.ToUpper(text)
		case 2:
			text = rapid.SampledFrom([]string{"", " ", " " + text, text + " ", "cosmos1" + text, text[1:]}).Draw(t, "text")
		}
		want, refusal := sdk.AccAddressFromBech32(text)
		for range 2 {
			got, err := accounts.Decode(text)
			require.Equal(t, want, got)
			require.Equal(t, refusal, err)
		}
	})
}

// TestResultsAreOnesOwn changes a result, and appends to it: the next one is as before.
func TestResultsAreOnesOwn(t *testing.T) {
	want := sdk.AccAddress(bytes.Repeat([]byte{7}, 20))
	for range 3 {
		got, err := accounts.Decode(want.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
		got[0]++
		_ = append(slices.Clip(got), 1)
		_ = append(got, 1)
	}
}

// TestManyAtOnce decodes more addresses than are kept, from several goroutines.
func TestManyAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for part := range byte(4) {
		group.Go(func() {
			for i := range 20_000 {
				want := sdk.AccAddress{part / 2, byte(i), byte(i >> 8)}
				got, err := accounts.Decode(want.String())
				if err != nil || !got.Equals(want) {
					t.Errorf("%s: %s, %v", want, got, err)
					return
				}
			}
		})
	}
	group.Wait()
}
