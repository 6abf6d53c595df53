package keeper_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/types"
)

func TestTheCircuitOfTheClassIsUsed(t *testing.T) {
	f := newFixture(t)
	for inner, want := range map[uint32]string{1: small, 256: small, 257: "opening-1024", 1024: "opening-1024"} {
		circuit, err := f.keeper.CircuitFor(f.ctx, inner)
		require.NoError(t, err)
		require.Equal(t, want, circuit.Id, "inner dimension %d", inner)
	}
	for _, inner := range []uint32{0, 1025, 4096, 1<<32 - 1} {
		_, err := f.keeper.CircuitFor(f.ctx, inner)
		require.ErrorIs(t, err, types.ErrNoCircuit)
	}
}

func TestCircuitsAreReplacedByRetiringFirst(t *testing.T) {
	f := newFixture(t)
	next := first().circuit("opening-256-v2", 256)
	before := f.export()
	require.ErrorIs(t, f.register(next), types.ErrCircuitExists)
	require.Equal(t, before, f.export())
	require.NoError(t, f.retire(small))
	require.ErrorIs(t, f.retire(small), types.ErrRetired)
	require.ErrorIs(t, f.retire("opening-9"), types.ErrCircuitNotFound)
	require.ErrorIs(t, f.register(second().circuit(small, 256)), types.ErrCircuitExists, "an id is never used again")
	require.NoError(t, f.register(next))
	circuit, err := f.keeper.CircuitFor(f.ctx, 256)
	require.NoError(t, err)
	require.Equal(t, next, circuit)
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestBadCircuitsAreRefused(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	before := f.export()
	rehash := func(c *types.Circuit) { hash := sha256.Sum256(c.VerifyingKey); c.KeyHash = hash[:] }
	for name, c := range map[string]struct {
		spoil func(*types.Circuit)
		want  error
	}{
		"no id":     {func(c *types.Circuit) { c.Id = "" }, types.ErrCircuit},
		"id":        {func(c *types.Circuit) { c.Id = "Opening 256" }, types.ErrCircuit},
		"long id":   {func(c *types.Circuit) { c.Id = strings.Repeat("a", types.MaxID+1) }, types.ErrCircuit},
		"no system": {func(c *types.Circuit) { c.System = 0 }, types.ErrCircuit},
		"system":    {func(c *types.Circuit) { c.System = 2 }, types.ErrCircuit},
		"no class":  {func(c *types.Circuit) { c.Class = 0 }, types.ErrCircuit},
		"class":     {func(c *types.Circuit) { c.Class = 8192 }, types.ErrCircuit},
		"narrower":  {func(c *types.Circuit) { c.Class = 255 }, types.ErrCircuit},
		"no status": {func(c *types.Circuit) { c.Status = 0 }, types.ErrCircuit},
		"status":    {func(c *types.Circuit) { c.Status = 3 }, types.ErrCircuit},
		"retired":   {func(c *types.Circuit) { c.Status = types.CIRCUIT_STATUS_RETIRED }, types.ErrCircuit},
		"no key":    {func(c *types.Circuit) { c.VerifyingKey = nil }, types.ErrKey},
		"cut key":   {func(c *types.Circuit) { c.VerifyingKey = c.VerifyingKey[1:]; rehash(c) }, types.ErrKey},
		"long key":  {func(c *types.Circuit) { c.VerifyingKey = append(bytes.Clone(c.VerifyingKey), 0); rehash(c) }, types.ErrKey},
		"zero key":  {func(c *types.Circuit) { c.VerifyingKey = make([]byte, types.KeySize); rehash(c) }, types.ErrKey},
		"flipped key": {func(c *types.Circuit) {
			c.VerifyingKey = bytes.Clone(c.VerifyingKey)
			c.VerifyingKey[63] ^= 1
			rehash(c)
		}, types.ErrKey},
		"wrong hash":      {func(c *types.Circuit) { c.KeyHash = bytes.Repeat([]byte{1}, sha256.Size) }, types.ErrKeyHash},
		"no hash":         {func(c *types.Circuit) { c.KeyHash = nil }, types.ErrKeyHash},
		"the key's other": {func(c *types.Circuit) { c.VerifyingKey = first().key }, types.ErrKeyHash},
	} {
		circuit := second().circuit("opening-256-v2", 256)
		c.spoil(&circuit)
		require.ErrorIs(t, f.register(circuit), c.want, name)
		require.Equal(t, before, f.export(), name)
	}
	require.NoError(t, f.register(second().circuit("opening-256-v2", 256)))
}

func TestUnboundKeysAreRefused(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	circuit := second().circuit("opening-256-v2", 256)
	circuit.VerifyingKey = bytes.Clone(circuit.VerifyingKey)
	// The points of the public inputs follow six others and their count: make the digest's the same as the constant's.
	const points = 3*32 + 3*64 + 4
	copy(circuit.VerifyingKey[points+32:points+64], circuit.VerifyingKey[points:points+32])
	hash := sha256.Sum256(circuit.VerifyingKey)
	circuit.KeyHash = hash[:]
	require.ErrorIs(t, f.register(circuit), types.ErrKey)
}

func TestCircuitsAreBounded(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	require.NoError(t, f.setParams(func(p *types.Params) { p.MaxCircuits = 2 }))
	require.ErrorIs(t, f.register(first().circuit("opening-256-v2", 256)), types.ErrTooManyCircuits, "retired ones count")
	require.NoError(t, f.setParams(func(p *types.Params) { p.MaxCircuits = 3 }))
	require.NoError(t, f.register(first().circuit("opening-256-v2", 256)))
}

func TestDevelopmentKeysStayOffPublicChains(t *testing.T) {
	genesis := types.DefaultGenesis()
	genesis.Params.AllowDevelopmentKeys = true
	for chain, allowed := range map[string]bool{
		"assay-local-1": true, "assay-test-9": true, "assay-1": false, "assay-localnet": false, "xassay-test-1": false, "": false, "ASSAY-TEST-1": false,
	} {
		f := emptyFixture(t, chain)
		err := f.keeper.InitGenesis(f.ctx, genesis)
		if allowed {
			require.NoError(t, err, chain)
			continue
		}
		require.ErrorIs(t, err, types.ErrDevelopmentKey, chain)
		require.NoError(t, f.keeper.InitGenesis(f.ctx, types.DefaultGenesis()))
		require.ErrorIs(t, f.setParams(func(p *types.Params) { p.AllowDevelopmentKeys = true }), types.ErrDevelopmentKey, chain)
		require.ErrorIs(t, f.register(first().circuit("opening-1024", 1024)), types.ErrDevelopmentKey, chain)
	}
	genesis.Params.AllowDevelopmentKeys = false
	genesis.Circuits = []types.Circuit{first().circuit("opening-1024", 1024)}
	require.ErrorIs(t, genesis.Validate(), types.ErrDevelopmentKey)
}

func TestDevelopmentKeysAreForbiddenOnceRetired(t *testing.T) {
	f := newFixture(t)
	forbid := func(p *types.Params) { p.AllowDevelopmentKeys = false }
	require.ErrorIs(t, f.setParams(forbid), types.ErrDevelopmentKey)
	require.NoError(t, f.retire(small))
	require.ErrorIs(t, f.setParams(forbid), types.ErrDevelopmentKey)
	require.NoError(t, f.retire("opening-1024"))
	require.NoError(t, f.setParams(forbid))
	require.ErrorIs(t, f.register(second().circuit("opening-256-v2", 256)), types.ErrDevelopmentKey)
	ceremony := second().circuit("opening-256-v2", 256)
	ceremony.Development = false
	require.ErrorContains(t, f.register(ceremony), "names its transcript by 32")
	ceremony.Ceremony = bytes.Repeat([]byte{7}, 32)
	require.NoError(t, f.register(ceremony))
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestOnlyTheAuthorityGoverns(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	before := f.export()
	for _, sender := range []string{"", "nonsense", sdk.AccAddress("stranger____________").String()} {
		_, err := f.msgs.RegisterCircuit(f.ctx, &types.MsgRegisterCircuit{Authority: sender, Circuit: first().circuit("opening-256-v2", 256)})
		require.Error(t, err)
		_, err = f.msgs.RetireCircuit(f.ctx, &types.MsgRetireCircuit{Authority: sender, Id: "opening-1024"})
		require.Error(t, err)
		_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: sender, Params: types.DefaultParams()})
		require.Error(t, err)
	}
	require.Equal(t, before, f.export())
	require.ErrorIs(t, f.setParams(func(p *types.Params) { p.UnitsPerBlock = 0 }), types.ErrParams)
}

func TestEvents(t *testing.T) {
	f := newFixture(t)
	f.ctx = f.ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(t, f.retire(small))
	require.NoError(t, f.register(first().circuit("opening-256-v2", 256)))
	require.NoError(t, f.setParams(func(p *types.Params) { p.MaxCircuits++ }))
	var kinds []string
	for _, event := range f.ctx.EventManager().Events() {
		kinds = append(kinds, event.Type)
	}
	require.Equal(t, []string{
		"assay.proofs.v1.EventCircuitRetired", "assay.proofs.v1.EventCircuitRegistered", "assay.proofs.v1.EventParamsUpdated",
	}, kinds)
}

func TestInvariantsFindABrokenIndex(t *testing.T) {
	for class, id := range map[uint32]string{300: small, 1024: small} {
		f := newFixture(t)
		require.NoError(t, f.keeper.Invariants(f.ctx))
		require.NoError(t, f.keeper.PointClass(f.ctx, class, id))
		require.ErrorIs(t, f.keeper.Invariants(f.ctx), types.ErrInvariant)
	}
	f := newFixture(t)
	require.NoError(t, f.retire(small))
	require.NoError(t, f.keeper.PointClass(f.ctx, 256, small))
	require.ErrorIs(t, f.keeper.Invariants(f.ctx), types.ErrInvariant, "a retired circuit is offered")
}
