// Package accounts decodes the text of accounts' addresses.
package accounts

import (
	lru "github.com/hashicorp/golang-lru/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// kept is how many addresses are remembered: some 15 MB of them. A block meets the same few thousand over and over, in messages and in
// records, which hold them as text while keys hold their bytes.
const kept = 1 << 16

// known are the bytes of the addresses that were decoded last, by their text. Bytes are kept as a string, which nobody can change.
var known = newKnown()

func newKnown() *lru.Cache[string, string] {
	cache, err := lru.New[string, string](kept)
	if err != nil {
		panic(err) // Only a size of 0 or less is refused.
	}
	return cache
}

// Decode is sdk.AccAddressFromBech32, which takes several microseconds, but for texts that it decoded lately. The result is the caller's
// own. What it returns does not depend on what is remembered: an address has one meaning, and refusals are not kept.
func Decode(text string) (sdk.AccAddress, error) {
	if address, ok := known.Get(text); ok {
		return sdk.AccAddress(address), nil
	}
	address, err := sdk.AccAddressFromBech32(text)
	if err == nil {
		known.Add(text, string(address))
	}
	return address, err
}
