package index_test

import (
	"bytes"
	"cmp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/index"
)

// entries draws small numbers often, so that ties happen.
func entries() *rapid.Generator[index.Entry] {
	return rapid.Custom(func(t *rapid.T) index.Entry {
		return index.Entry{
			Class: rapid.Uint32Range(1, 5).Draw(t, "class"),
			Cell:  rapid.OneOf(rapid.Uint16Range(0, 2), rapid.Just(uint16(index.Anywhere))).Draw(t, "cell"),
			InUse: rapid.OneOf(rapid.Uint32Range(0, 2), rapid.Uint32()).Draw(t, "in use"),
			Price: rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64Range(0, index.MaxPrice)).Draw(t, "price"),
			ID:    rapid.SliceOfN(rapid.Byte(), index.IDSize, index.IDSize).Draw(t, "id"),
		}
	})
}

func TestKeysCompareAsTheirEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := entries().Draw(t, "a"), entries().Draw(t, "b")
		keyA, err := a.Encode()
		require.NoError(t, err)
		keyB, err := b.Encode()
		require.NoError(t, err)
		want := cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.InUse, b.InUse), cmp.Compare(a.Price, b.Price), bytes.Compare(a.ID, b.ID))
		require.Equal(t, want, bytes.Compare(keyA, keyB))
		require.True(t, bytes.HasPrefix(keyA, index.Prefix(a.Class, a.Cell)))
		require.Equal(t, a.Class == b.Class && a.Cell == b.Cell, bytes.HasPrefix(keyA, index.Prefix(b.Class, b.Cell)))
	})
}

func TestKeysDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entry := entries().Draw(t, "entry")
		key, err := entry.Encode()
		require.NoError(t, err)
		require.Len(t, key, index.Size)
		back, err := index.Decode(key)
		require.NoError(t, err)
		require.Equal(t, entry, back)
	})
}

func TestBadKeysAreRefused(t *testing.T) {
	_, err := index.Entry{ID: make([]byte, index.IDSize-1)}.Encode()
	require.ErrorIs(t, err, index.ErrKey)
	_, err = index.Entry{ID: make([]byte, index.IDSize), Price: index.MaxPrice + 1}.Encode()
	require.ErrorIs(t, err, index.ErrKey)
	for length := range 2 * index.Size {
		_, err := index.Decode(make([]byte, length))
		require.Equal(t, length == index.Size, err == nil, "length %d", length)
	}
}
