package daemon_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/daemon"
	testchain "github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// lines keeps what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// TestUngrantedDevicesAreNotOffered: a worker whose hot key lacks one grant takes its devices out of the offer, at the start and while it runs,
// says so once each time, and offers them again when the grant is there.
func TestUngrantedDevicesAreNotOffered(t *testing.T) {
	s := newStage(t)
	done := s.register()
	operator, err := sdk.AccAddressFromBech32(done.Operator)
	require.NoError(t, err)
	hot, err := sdk.AccAddressFromBech32(done.HotKey)
	require.NoError(t, err)
	client, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(t, err)
	offered := func() bool {
		devices, err := client.Devices(context.Background(), operator)
		require.NoError(t, err)
		return devices[0].Wanted()
	}
	require.True(t, offered(), "registered as available")
	url := sdk.MsgTypeURL(&markettypes.MsgRevealResult{})
	revoke := authz.NewMsgRevoke(operator, hot, url)
	grant, err := authz.NewMsgGrant(operator, hot, authz.NewGenericAuthorization(url), nil)
	require.NoError(t, err)
	send := func(message sdk.Msg) {
		s.node.Do(func(c *testchain.Chain) { c.MustDeliver(c.Account(3), message) })
	}
	send(&revoke)
	logged := &lines{}
	s.deps.Log = slog.New(slog.NewTextHandler(io.MultiWriter(testWriter{t}, logged), nil))
	s.config.Worker.ShutdownGrace = 0
	d, err := daemon.New(s.config, s.deps)
	require.NoError(t, err)
	d.SetWatchInterval(200 * time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan error, 1)
	go func() { end <- d.Run(ctx) }()
	defer func() { cancel(); require.NoError(t, <-end) }()

	s.eventually("withdrawn at the start", func() bool { return !offered() })
	send(grant)
	s.eventually("offered with all grants", offered)
	send(&revoke)
	s.eventually("withdrawn while it runs", func() bool { return !offered() })
	require.Equal(t, 2, logged.count("until the operator has run assay-worker register"), "told once each time")
}
