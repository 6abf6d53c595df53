package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// everyLease is a market with a lease in every state, paid by the clock and by a gateway, and two bookings on one device.
func everyLease(t testing.TB) *rentFixture {
	f := newRent(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		f.landlord(name)
	}
	f.run(310)
	cancelled := f.reserved("a", 5_000)
	require.NoError(t, f.closeErr(f.customer, cancelled.Id, false))
	f.active("a")
	f.reserved("a", 8_000)
	f.reserved("a", 16_000)
	out := f.active("b")
	noticed := f.active("c")
	msg := f.opening("d")
	msg.GatewayKey = edKey.PubKey().Bytes()
	attested, err := f.openErr(msg)
	require.NoError(t, err)
	msg = f.opening("e")
	msg.GatewayKey = secKey.PubKey().Bytes()
	_, err = f.openErr(msg)
	require.NoError(t, err)
	f.run(880)
	require.NoError(t, f.attestErr(f.statement(edKey, f.customer, attested, 77)))
	f.run(30)
	require.NoError(t, f.complainErr(out.Id))
	require.NoError(t, f.closeErr(f.customer, noticed.Id, false))
	f.block(1)
	for _, state := range leases.States() {
		require.Positive(t, f.countLeases(types.LeaseState(state)), state.String())
	}
	require.Equal(t, 2, f.countLeases(types.LEASE_STATE_OUTAGE), "one by word, one by silence")
	return f
}

func (f *rentFixture) countLeases(state types.LeaseState) int {
	f.T.Helper()
	response, err := f.queries.Leases(f.Ctx, &types.QueryLeasesRequest{})
	require.NoError(f.T, err)
	n := 0
	for _, lease := range response.Leases {
		if lease.State == state {
			n++
		}
	}
	return n
}

func TestLeaseGenesisRoundTripInEveryState(t *testing.T) {
	f := everyLease(t)
	before := f.export()
	var decoded types.GenesisState
	require.NoError(t, f.Cdc.UnmarshalJSON([]byte(before), &decoded))
	moved, err := f.moved(t, &decoded)
	require.NoError(t, err)
	require.Equal(t, before, moved.export(), "byte for byte")

	// The moved chain goes on: every lease ends.
	g := &rentFixture{fixture: moved}
	g.run(3_000)
	for range 4 {
		g.halt(2 * time.Hour)
	}
	g.run(2_000)
	for _, lease := range decoded.Leases {
		after, err := g.k.Lease(g.Ctx, lease.Id)
		if err == nil {
			require.Equal(t, types.LEASE_STATE_CLOSED.String(), after.State.String(), "lease %d", lease.Id)
		}
	}
}

// A closed lease outlives its device in the books, and its history can be moved.
func TestLeaseGenesisOfARetiredDevice(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	lease := f.reserved("gpu", 5_000)
	require.NoError(t, f.closeErr(operator, lease.Id, false))
	require.NoError(t, f.registry.RetireDevice(f.Ctx, operator, hashOf("gpu")))
	require.NoError(t, f.k.Invariants(f.Ctx))
	state, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	moved, err := f.moved(t, state)
	require.NoError(t, err)
	require.Equal(t, f.export(), moved.export())
}

// Devices' records that tell of other leases than there are have nothing to do with this state, which is refused and mends nothing.
func TestLeaseGenesisIsComparedWithTheDevices(t *testing.T) {
	for name, from := range map[string]int64{"a": 0, "b": 9, "idle": 9} {
		f := everyLease(t)
		f.landlord("idle")
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		require.NoError(t, f.registry.Book(f.Ctx, hashOf(name), from))
		_, err = f.moved(t, state)
		require.ErrorIs(t, err, types.ErrInvariant, name)
		require.ErrorContains(t, err, "its first lease is", name)
	}
}

func TestLeaseGenesisThatContradictsItselfIsRefused(t *testing.T) {
	f := everyLease(t)
	at := func(state types.LeaseState, s *types.GenesisState) *types.Lease {
		for i := range s.Leases {
			if s.Leases[i].State == state {
				return &s.Leases[i]
			}
		}
		t.Fatal("no such lease")
		return nil
	}
	const reserved, active, outage, notice, closed = types.LEASE_STATE_RESERVED, types.LEASE_STATE_ACTIVE, types.LEASE_STATE_OUTAGE, types.LEASE_STATE_NOTICE, types.LEASE_STATE_CLOSED
	for name, c := range map[string]struct {
		spoil func(*types.GenesisState)
		want  error
	}{
		"params":        {func(s *types.GenesisState) { s.Params.Lease.MaxComplaints = 0 }, types.ErrParams},
		"next id":       {func(s *types.GenesisState) { s.NextLeaseId = 3 }, types.ErrGenesis},
		"order":         {func(s *types.GenesisState) { s.Leases[0], s.Leases[1] = s.Leases[1], s.Leases[0] }, types.ErrGenesis},
		"state":         {func(s *types.GenesisState) { s.Leases[1].State = 9 }, types.ErrGenesis},
		"customer":      {func(s *types.GenesisState) { s.Leases[1].Customer = "x" }, types.ErrGenesis},
		"operator":      {func(s *types.GenesisState) { s.Leases[1].Operator = "x" }, types.ErrGenesis},
		"device":        {func(s *types.GenesisState) { s.Leases[1].Device = nil }, types.ErrGenesis},
		"tier":          {func(s *types.GenesisState) { s.Leases[1].Tier = 0 }, types.ErrGenesis},
		"rate":          {func(s *types.GenesisState) { s.Leases[1].Rate = math.ZeroInt() }, types.ErrGenesis},
		"carry":         {func(s *types.GenesisState) { s.Leases[1].Carry = 3_600 }, types.ErrGenesis},
		"window":        {func(s *types.GenesisState) { s.Leases[1].End = s.Leases[1].Start.Add(-time.Second) }, types.ErrGenesis},
		"not activated": {func(s *types.GenesisState) { at(active, s).ActivatedAt = nil }, types.ErrGenesis},
		"no stream":     {func(s *types.GenesisState) { at(active, s).Stream = 0 }, types.ErrGenesis},
		"not billed":    {func(s *types.GenesisState) { at(active, s).BilledFrom = 0 }, types.ErrGenesis},
		"no outage":     {func(s *types.GenesisState) { at(outage, s).OutageSince = nil }, types.ErrGenesis},
		"no limit":      {func(s *types.GenesisState) { at(outage, s).Late = 0 }, types.ErrGenesis},
		"nobody":        {func(s *types.GenesisState) { at(notice, s).NoticeBy = 0 }, types.ErrGenesis},
		"no reason":     {func(s *types.GenesisState) { at(closed, s).CloseReason = 0 }, types.ErrGenesis},
		"demand":        {func(s *types.GenesisState) { s.Demand.UtilisationBps = []uint32{1} }, types.ErrGenesis},
		"overlap":       {func(s *types.GenesisState) { at(reserved, s).Start = at(active, s).End.Add(-time.Second) }, types.ErrGenesis},
		"exposure":      {func(s *types.GenesisState) { at(active, s).Exposure = math.OneInt() }, types.ErrInvariant},
		"no account": {func(s *types.GenesisState) {
			at(closed, s).Id, s.Leases[0].CloseReason = 1, 1
			s.NextLeaseId++
			l := *at(reserved, s)
			l.Id = s.NextLeaseId - 1
			l.Start, l.End = l.Start.AddDate(1, 0, 0), l.End.AddDate(1, 0, 0)
			l.Due = l.Start.Unix()
			s.Leases = append(s.Leases, l)
		}, types.ErrInvariant},
		"not rented": {func(s *types.GenesisState) { at(active, s).Device = hashOf("other") }, nil},
	} {
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		c.spoil(state)
		_, err = f.moved(t, state)
		require.Error(t, err, name)
		if c.want != nil {
			require.ErrorIs(t, err, c.want, name)
		}
	}
}

// Invariants see every kind of record of a lease that is out of place.
func TestInvariantsSeeWhatIsWrongWithLeases(t *testing.T) {
	f := everyLease(t)
	require.NoError(t, f.k.Invariants(f.Ctx))
	for _, prefix := range []byte{17, 18, 19, 20, 21, 22, 23} {
		ctx, _ := f.Ctx.CacheContext()
		store := f.Raw(ctx, types.StoreKey)
		iterator := store.Iterator([]byte{prefix}, []byte{prefix + 1})
		require.True(t, iterator.Valid(), "prefix %d", prefix)
		key := iterator.Key()
		require.NoError(t, iterator.Close())
		store.Delete(key)
		require.Error(t, f.k.Invariants(ctx), "record of prefix %d removed", prefix)
	}
	ctx, _ := f.Ctx.CacheContext()
	require.NoError(t, f.registry.Book(ctx, hashOf("a"), 9))
	require.ErrorContains(t, f.k.Invariants(ctx), "booked_from is 9, its first lease is [", "booked from another moment on")
	require.NoError(t, f.registry.Book(ctx, hashOf("a"), 0))
	require.ErrorContains(t, f.k.Invariants(ctx), "booked_from is 0, its first lease is [", "booked, and doesn't tell")
	ctx, _ = f.Ctx.CacheContext()
	f.landlord("idle")
	require.NoError(t, f.k.Invariants(ctx))
	require.NoError(t, f.registry.Book(ctx, hashOf("idle"), 9))
	require.ErrorContains(t, f.k.Invariants(ctx), "its first lease is []", "told to be booked, and is not")
	ctx, _ = f.Ctx.CacheContext()
	require.NoError(t, f.registry.Rent(ctx, hashOf("idle")))
	require.ErrorContains(t, f.k.Invariants(ctx), "rented is true, booked_from is 0", "rented by nobody")
	ctx, _ = f.Ctx.CacheContext()
	require.NoError(t, f.registry.Vacate(ctx, hashOf("a")))
	require.ErrorIs(t, f.k.Invariants(ctx), types.ErrInvariant, "a device that is not rented")
	ctx, _ = f.Ctx.CacheContext()
	_, err := f.escrow.Close(ctx, types.LeaseScope, 2, 2)
	require.NoError(t, err)
	require.ErrorIs(t, f.k.Invariants(ctx), types.ErrInvariant, "an account that is gone")
}
