package drand_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/drand"
	verify "github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

func TestSignerIsNeverEarly(t *testing.T) {
	at := newClock()
	signer := newSigner(t, 1, at)
	for unix := int64(genesis - 3); unix < genesis+12; unix++ {
		at.unix.Store(unix)
		last := signer.Info().RoundAt(unix)
		for round := uint64(1); round <= last+3; round++ {
			beacon, err := signer.Round(round)
			if round > last {
				require.ErrorIs(t, err, drand.ErrNotPublished, "round %d at %d", round, unix)
				require.Empty(t, beacon.Signature)
				continue
			}
			require.NoError(t, err)
			require.NoError(t, verify.Verify(signer.Info().Chain, round, beacon.Signature))
		}
	}
	_, err := signer.Round(0)
	require.ErrorIs(t, err, verify.ErrRound)
}

func TestSignerFaults(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis + 8)
	signer := newSigner(t, 1, at)
	client := newClient(t, signer.Info().Chain, serve(t, signer.Handler()))

	signer.Withhold(5, 4)
	_, err := client.Round(t.Context(), 5)
	require.ErrorIs(t, err, drand.ErrNotPublished)
	latest, err := client.Latest(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 3, latest.Round)
	signer.Release(5)
	_, err = client.Round(t.Context(), 5)
	require.NoError(t, err)
	_, err = client.Round(t.Context(), 4)
	require.ErrorIs(t, err, drand.ErrNotPublished)
	signer.Release()
	_, err = client.Round(t.Context(), 4)
	require.NoError(t, err)

	signer.SetOutage(true)
	_, err = client.Round(t.Context(), 5)
	require.ErrorIs(t, err, drand.ErrResponse)
	require.NotErrorIs(t, err, drand.ErrNotPublished)
	_, err = client.Latest(t.Context())
	require.ErrorIs(t, err, drand.ErrResponse)
	signer.SetOutage(false)
	_, err = client.Round(t.Context(), 5)
	require.NoError(t, err)

	signer.Withhold(1, 2, 3, 4, 5)
	_, err = signer.Latest()
	require.ErrorIs(t, err, drand.ErrNotPublished)
}

func TestSignerStatuses(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis)
	signer := newSigner(t, 1, at)
	base := serve(t, signer.Handler())
	for path, want := range map[string]int{
		"/info": 200, "/public/1": 200, "/public/latest": 200, "/public/2": 404, "/public/0": 400, "/public/x": 400,
		"/public/-1": 400, "/public/18446744073709551615": 400, "/0000/info": 404, "/": 404,
	} {
		status, _ := get(t, base+path)
		require.Equal(t, want, status, path)
	}
	signer.SetOutage(true)
	status, body := get(t, base+"/public/1")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "outage")
}

func TestServeStopsWithItsContext(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis)
	signer := newSigner(t, 1, at)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- signer.Serve(ctx, listener) }()

	client := newClient(t, signer.Info().Chain, "http://"+listener.Addr().String())
	_, err = client.Round(t.Context(), 1)
	require.NoError(t, err)
	cancel()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the server did not stop")
	}
	_, err = client.Round(t.Context(), 1)
	require.Error(t, err)
}

func TestServeReportsABrokenListener(t *testing.T) {
	signer := newSigner(t, 1, newClock())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.ErrorIs(t, signer.Serve(t.Context(), listener), net.ErrClosed)
}

func TestBadSignerConfigurations(t *testing.T) {
	key, err := devkey.FromSeed(make([]byte, devkey.SeedSize))
	require.NoError(t, err)
	for name, config := range map[string]drand.SignerConfig{
		"key": {Period: 1, Genesis: 1}, "period": {Key: key, Genesis: 1}, "genesis": {Key: key, Period: 1},
	} {
		_, err := drand.NewSigner(config)
		require.Error(t, err, name)
	}
	signer, err := drand.NewSigner(drand.SignerConfig{Key: key, Period: 1, Genesis: time.Now().Unix() - 1})
	require.NoError(t, err)
	latest, err := signer.Latest()
	require.NoError(t, err, "the default clock is the real one")
	require.Positive(t, latest.Round)
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "beacon.key")
	_, err := drand.LoadKey(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	made, err := drand.LoadOrCreateKey(path)
	require.NoError(t, err)
	state, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), state.Mode().Perm())
	again, err := drand.LoadOrCreateKey(path)
	require.NoError(t, err)
	require.Equal(t, made.PublicKey(), again.PublicKey())
	other, err := drand.LoadOrCreateKey(path + "2")
	require.NoError(t, err)
	require.NotEqual(t, made.PublicKey(), other.PublicKey())

	require.NoError(t, os.Chmod(path, 0o640))
	_, err = drand.LoadOrCreateKey(path)
	require.ErrorContains(t, err, "0640")
	require.NoError(t, os.Chmod(path, 0o600))
	for _, content := range []string{"", "00ff", "not hexadecimal"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err = drand.LoadOrCreateKey(path)
		require.ErrorContains(t, err, path, content)
	}
}
