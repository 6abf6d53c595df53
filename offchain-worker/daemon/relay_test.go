package daemon_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/market/box"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// relay makes one of the network's people an operator that relays, and serves in its name.
func (s *stage) relay(client *chain.Client, person int) {
	account := s.network.Customers[person].Account
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(person)}, ed25519.SeedSize))
	store, err := relay.OpenStore(s.t.TempDir(), 1<<20)
	require.NoError(s.t, err)
	server, err := relay.NewServer(relay.Config{
		ChainID: s.config.Chain.ID, Operator: account.Address, Key: key, Chain: client, Store: store,
		Log: slog.New(slog.NewTextHandler(testWriter{s.t}, nil)),
	})
	require.NoError(s.t, err)
	web := httptest.NewServer(server.Handler())
	s.t.Cleanup(web.Close)
	id := sha256.Sum256(account.Address)
	s.node.Do(func(*testchain.Chain) {
		s.network.MustDeliver(account,
			&bondtypes.MsgBond{Operator: account.String(), Amount: math.NewInt(100_000_000)},
			&registrytypes.MsgRegisterOperator{
				Operator: account.String(), Moniker: "relay", Endpoint: web.URL, RelayUrl: web.URL, RelayKey: key.Public().(ed25519.PublicKey),
			},
			&registrytypes.MsgRegisterDevice{
				Operator: account.String(), Id: id[:], Model: "CPU", Class: registrytypes.DEVICE_CLASS_CPU, Backend: registrytypes.BACKEND_CPU,
				MemoryMib: 1024, Lanes: 1, Price: math.NewInt(1_000_000), HourlyPrice: math.ZeroInt(),
			})
	})
}

// TestLargeOutputsGoOverRelays withholds a result that is too large for a transaction, is claimed, hands it to two relays that the beacon
// drew, and the customer gets it from one of them.
func TestLargeOutputsGoOverRelays(t *testing.T) {
	s := newStage(t, func(g *markettypes.GenesisState) {
		g.Params.MaxSealedBytes, g.Params.RelaysPerClaim, g.Params.RelayThreshold, g.Params.DisputeSeconds = 0, 2, 2, 60
	})
	client, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(t, err)
	s.relay(client, 2)
	s.relay(client, 3)
	s.config.Faults = &config.Faults{WithholdOutput: true}
	s.register()
	stop, end := s.start()
	work := actors.Small(t, 6)
	id := s.submit(work)
	s.eventually("proven", func() bool { return s.job(id).State == markettypes.JOB_STATE_PROVEN })
	customer := s.network.Customers[0]
	s.node.Do(func(*testchain.Chain) { s.network.MustDeliver(customer.Account, customer.ClaimMsg(id)) })
	s.eventually("handed over", func() bool { return s.job(id).State == markettypes.JOB_STATE_HANDED_OVER })

	ctx := context.Background()
	view, err := client.Job(ctx, id)
	require.NoError(t, err)
	record, err := client.Relays(ctx, id)
	require.NoError(t, err)
	claim := record.Last()
	require.Len(t, claim.Operators(true), 2)
	output, err := view.Spec.Program.Result()
	require.NoError(t, err)
	layout, err := box.LayoutOf(output)
	require.NoError(t, err)
	parcel := relay.Parcel{Job: id, Draw: record.Draw, Root: box.Hash(claim.BoxRoot)}
	for _, from := range claim.Relays {
		whole, err := relay.NewClient(s.config.Chain.ID, true, time.Minute).Fetch(ctx, relay.Request{Relay: from, Parcel: parcel, Size: layout.Bytes()})
		require.NoError(t, err)
		chunks, err := layout.Cut(whole)
		require.NoError(t, err)
		require.Equal(t, parcel.Root, box.Root(chunks))
		purpose := box.Purpose{ChainID: s.config.Chain.ID, Job: id, Attempt: view.Job.Attempt, Draw: record.Draw}
		key, err := box.Key(purpose, customer.Secret[:], claim.EphemeralKey)
		require.NoError(t, err)
		raw, fault, err := layout.Inspect(key, view.Job.StepRoots[len(view.Job.StepRoots)-1], chunks)
		require.NoError(t, err)
		require.Nil(t, fault)
		require.Equal(t, tensor.EncodeBlob(work.Run(t).Result()), raw)
	}
	stop()
	require.NoError(t, <-end)
}
