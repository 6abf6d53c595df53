package daemon

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/chain/chaintest"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// TestMeasuresAndReports: over the real application, a worker measures the way to another's server, reports it for its devices that are due, and
// not again before the time.
func TestMeasuresAndReports(t *testing.T) {
	n := actors.New(t, actors.Config{Operators: 3})
	server := httptest.NewServer(nil)
	defer server.Close()
	// Neighbours, between which light takes no time.
	const london, paris = 522, 487
	for i, cell := range []uint32{london, paris, paris} {
		update := n.Operators[i].Offer(true)
		update.Cell = cell
		n.MustDeliver(n.Operators[i].Account, update)
	}
	// The third operator's server is not there.
	n.MustDeliver(n.Operators[1].Account, &registrytypes.MsgUpdateOperator{Operator: n.Operators[1].String(), Moniker: "m", Endpoint: server.URL})
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	node := chaintest.New(n.Chain)
	client, err := chain.NewClient(node, encoding, 10*time.Second)
	require.NoError(t, err)
	own := n.Operators[0]
	sent := 0
	m := &measurer{
		client: client, operator: own.Address, cell: london, interval: time.Minute, allowPrivate: true, log: slog.New(slog.DiscardHandler),
		local: func() map[string]bool { return map[string]bool{string(own.Device): true} },
		send: func(_ context.Context, messages []sdk.Msg) error {
			sent += len(messages)
			node.Do(func(c *testchain.Chain) { c.MustDeliver(own.Account, messages...) })
			return nil
		},
	}
	require.NoError(t, m.once(context.Background()))
	require.Equal(t, 1, sent)
	device, err := n.App().Registry.Device(n.Context(), own.Device)
	require.NoError(t, err)
	require.NotNil(t, device.Coordinates)
	require.Positive(t, device.MeasuredAt)
	require.NoError(t, m.once(context.Background()))
	require.Equal(t, 1, sent, "not before the chain takes another")
	m.cell = paris
	require.NoError(t, m.once(context.Background()))
	require.Equal(t, 1, sent, "not before the device is registered where it is")
}
