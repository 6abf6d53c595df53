package drand_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/drand"
)

// ledger stands for a chain: it waits for rounds and stores those that arrive.
type ledger struct {
	mu      sync.Mutex
	waiting []uint64
	posted  map[uint64]drand.Beacon
	refuse  map[uint64]error
	down    error
}

func (l *ledger) WaitingRounds(context.Context) ([]uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]uint64(nil), l.waiting...), l.down
}

func (l *ledger) PostRound(_ context.Context, beacon drand.Beacon) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refuse[beacon.Round]; err != nil {
		return err
	}
	l.posted[beacon.Round] = beacon
	return nil
}

func (l *ledger) has(round uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.posted[round]
	return ok
}

func newRelay(t *testing.T, source drand.Source, chain *ledger) *drand.Relay {
	relay, err := drand.NewRelay(drand.RelayConfig{
		Source: source, Waiting: chain, Poster: chain, Interval: time.Millisecond, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	require.NoError(t, err)
	return relay
}

func TestRelayDeliversWhatIsPublished(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis + 4)
	signer := newSigner(t, 1, at)
	chain := &ledger{waiting: []uint64{1, 2, 3, 4}, posted: map[uint64]drand.Beacon{}, refuse: map[uint64]error{2: errors.New("out of gas")}}
	relay := newRelay(t, newClient(t, signer.Info().Chain, serve(t, signer.Handler())), chain)

	delivered, err := relay.Step(t.Context())
	require.Equal(t, 2, delivered)
	require.ErrorContains(t, err, "round 2")
	require.NotContains(t, err.Error(), "round 4", "a round still to come is no error")
	require.True(t, chain.has(1) && chain.has(3))
	require.False(t, chain.has(2) || chain.has(4))

	chain.down = errors.New("node is down")
	_, err = relay.Step(t.Context())
	require.ErrorIs(t, err, chain.down)
}

func TestRelayReportsAnOutageOfEveryEndpoint(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis)
	signer := newSigner(t, 1, at)
	ahead := newSigner(t, 1, newClock())
	chain := &ledger{waiting: []uint64{1}, posted: map[uint64]drand.Beacon{}}
	relay := newRelay(t, newClient(t, signer.Info().Chain, serve(t, signer.Handler()), serve(t, ahead.Handler())), chain)
	signer.SetOutage(true)
	_, err := relay.Step(t.Context())
	require.ErrorIs(t, err, drand.ErrResponse, "one endpoint is down, the other has nothing yet")
}

func TestRelayOutlivesAnOutage(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis)
	signer := newSigner(t, 1, at)
	signer.SetOutage(true)
	chain := &ledger{waiting: []uint64{1}, posted: map[uint64]drand.Beacon{}}
	relay := newRelay(t, newClient(t, signer.Info().Chain, serve(t, signer.Handler())), chain)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- relay.Run(ctx) }()
	time.Sleep(20 * time.Millisecond)
	require.False(t, chain.has(1))
	signer.SetOutage(false)
	require.Eventually(t, func() bool { return chain.has(1) }, 5*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

func TestBadRelayConfigurations(t *testing.T) {
	chain := &ledger{}
	client := newClient(t, newSigner(t, 1, newClock()).Info().Chain, "http://localhost")
	log := slog.Default()
	for name, config := range map[string]drand.RelayConfig{
		"source":   {Waiting: chain, Poster: chain, Interval: 1, Log: log},
		"waiting":  {Source: client, Poster: chain, Interval: 1, Log: log},
		"poster":   {Source: client, Waiting: chain, Interval: 1, Log: log},
		"interval": {Source: client, Waiting: chain, Poster: chain, Log: log},
		"log":      {Source: client, Waiting: chain, Poster: chain, Interval: 1},
	} {
		_, err := drand.NewRelay(config)
		require.Error(t, err, name)
	}
}
