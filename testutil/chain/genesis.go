package chain

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/assaychain/assay/app"
)

// State is the genesis state of all modules, open to changes.
type State struct {
	encoding app.Encoding
	Modules  map[string]json.RawMessage
}

// Read decodes one module's part.
func (s State) Read(module string, into proto.Message) error {
	return s.encoding.Codec.UnmarshalJSON(s.Modules[module], into)
}

// Write replaces one module's part.
func (s State) Write(module string, from proto.Message) error {
	content, err := s.encoding.Codec.MarshalJSON(from)
	if err != nil {
		return err
	}
	s.Modules[module] = content
	return nil
}

// Change reads one module's part, changes it and writes it back.
func Change[G any, P interface {
	*G
	proto.Message
}](s State, module string, change func(P)) error {
	part := P(new(G))
	if err := s.Read(module, part); err != nil {
		return err
	}
	change(part)
	return s.Write(module, part)
}

// edit applies the test's change to a genesis state.
func (c *Chain) edit(raw json.RawMessage, change func(State) error) json.RawMessage {
	c.t.Helper()
	state := State{encoding: c.App().Encoding()}
	require.NoError(c.t, json.Unmarshal(raw, &state.Modules))
	require.NoError(c.t, change(state))
	edited, err := json.Marshal(state.Modules)
	require.NoError(c.t, err)
	return edited
}

// Export writes the plain instance's state as a genesis file's content.
func (c *Chain) Export() servertypes.ExportedApp {
	c.t.Helper()
	exported, err := c.App().Export(false, nil)
	require.NoError(c.t, err)
	return exported
}

// Import starts a new chain from this chain's exported state, at its height and time and with the same accounts. No block is
// committed yet. edit, which may be nil, changes the state first.
func (c *Chain) Import(t testing.TB, exported servertypes.ExportedApp, edit func(State) error) *Chain {
	t.Helper()
	imported := &Chain{
		t: t, id: c.id, home: t.TempDir(), interval: c.interval, consensus: c.consensus,
		accounts: c.accounts, height: exported.Height - 1, now: c.now,
	}
	imported.build(imported.kinds(nil), false)
	state := exported.AppState
	if edit != nil {
		state = imported.edit(state, edit)
	}
	imported.initialise(state, exported.Height)
	return imported
}

// ExportUncommitted writes the state of a chain that was imported and has not committed a block.
func (c *Chain) ExportUncommitted() json.RawMessage {
	c.t.Helper()
	a := c.App()
	ctx := a.NewContextLegacy(false, cmtproto.Header{ChainID: c.id, Height: c.height, Time: c.now})
	modules, err := a.ModuleManager.ExportGenesisForModules(ctx, a.Encoding().Codec, nil)
	require.NoError(c.t, err)
	state, err := json.MarshalIndent(modules, "", "  ")
	require.NoError(c.t, err)
	return state
}

// RequireSameState compares two exported states byte for byte, module by module for the sake of the message.
func RequireSameState(t testing.TB, want, got json.RawMessage) {
	t.Helper()
	var a, b map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(want, &a))
	require.NoError(t, json.Unmarshal(got, &b))
	for _, module := range slices.Sorted(maps.Keys(a)) {
		require.Equal(t, string(a[module]), string(b[module]), "state of %s", module)
	}
	require.Equal(t, string(want), string(got))
}
