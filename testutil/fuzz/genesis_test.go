package fuzz

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/module"
)

// FuzzGenesis changes the bytes of every module's state: it is accepted or refused, without a panic. What is accepted can be
// written and validated again.
func FuzzGenesis(f *testing.F) {
	s := grow(f)
	own, codec, config := ownModules(s), s.Encoding().Codec, s.Encoding().TxConfig
	exported, err := s.ModuleManager.ExportGenesisForModules(s.Context(0), codec, own)
	require.NoError(f, err)
	for i, name := range own {
		f.Add(uint8(i), []byte(exported[name]))
		f.Add(uint8(i), []byte("{}"))
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		name := own[int(which)%len(own)]
		validating, ok := s.ModuleManager.Modules[name].(module.HasGenesisBasics)
		require.True(t, ok, "%s has no genesis", name)
		if !json.Valid(raw) || validating.ValidateGenesis(codec, config, raw) != nil {
			return
		}
		require.NoError(t, validating.ValidateGenesis(codec, config, raw), "%s is valid once and then not", name)
	})
}
