package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TestPrefixesOutliveAMovedBinary: an upgrade moves the file of a node away while it runs; addresses are read as before.
func TestPrefixesOutliveAMovedBinary(t *testing.T) {
	file, err := os.Executable()
	require.NoError(t, err)
	address := sdk.AccAddress(make([]byte, 20)).String()
	require.NoError(t, os.Rename(file, filepath.Join(filepath.Dir(file), "moved")))
	defer func() { require.NoError(t, os.Rename(filepath.Join(filepath.Dir(file), "moved"), file)) }()
	_, err = sdk.AccAddressFromBech32(address)
	require.NoError(t, err)
	require.Equal(t, "assay", sdk.GetConfig().GetBech32AccountAddrPrefix())
}
