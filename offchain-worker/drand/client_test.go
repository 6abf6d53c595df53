package drand_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/drand"
	verify "github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

const genesis = 1_700_000_000

// clock is a time that tests set; it starts one second before the genesis.
type clock struct{ unix atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.unix.Store(genesis - 1)
	return c
}

func (c *clock) now() time.Time { return time.Unix(c.unix.Load(), 0) }

func newSigner(t *testing.T, seed byte, c *clock) *drand.Signer {
	key, err := devkey.FromSeed(bytes.Repeat([]byte{seed}, devkey.SeedSize))
	require.NoError(t, err)
	signer, err := drand.NewSigner(drand.SignerConfig{Key: key, Period: 2, Genesis: genesis, BeaconID: "assay-test", Now: c.now})
	require.NoError(t, err)
	return signer
}

func serve(t *testing.T, handler http.Handler) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func newClient(t *testing.T, chain verify.Chain, endpoints ...string) *drand.Client {
	client, err := drand.NewClient(drand.ClientConfig{Chain: chain, Endpoints: endpoints, Timeout: 300 * time.Millisecond})
	require.NoError(t, err)
	return client
}

func TestClientFollowsSigner(t *testing.T) {
	at := newClock()
	signer := newSigner(t, 1, at)
	base := serve(t, signer.Handler())
	hash := signer.Info().Hash()
	for _, endpoint := range []string{base, base + "/", base + "/" + hex.EncodeToString(hash[:])} {
		client := newClient(t, signer.Info().Chain, endpoint)
		require.NoError(t, client.Check(t.Context()))
		at.unix.Store(genesis - 1)
		_, err := client.Latest(t.Context())
		require.ErrorIs(t, err, drand.ErrNotPublished)
		_, err = client.Round(t.Context(), 1)
		require.ErrorIs(t, err, drand.ErrNotPublished)

		at.unix.Store(genesis + 5)
		latest, err := client.Latest(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, latest.Round)
		third, err := client.Round(t.Context(), 3)
		require.NoError(t, err)
		require.Equal(t, latest, third)
		randomness := verify.Randomness(third.Signature)
		require.Equal(t, randomness[:], third.Randomness)
		_, err = client.Round(t.Context(), 4)
		require.ErrorIs(t, err, drand.ErrNotPublished)
	}
}

func TestFetchInfo(t *testing.T) {
	signer := newSigner(t, 1, newClock())
	info, err := drand.FetchInfo(t.Context(), serve(t, signer.Handler()))
	require.NoError(t, err)
	require.Equal(t, signer.Info(), info)
	_, err = drand.FetchInfo(t.Context(), "ftp://example.org")
	require.ErrorContains(t, err, "http or https")
}

// quicknetInfo is what drand's public endpoints serve at /info for the chain quicknet.
const quicknetInfo = `{"public_key":"83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
"period":3,"genesis_time":1692803367,"hash":"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
"groupHash":"f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e","schemeID":"bls-unchained-g1-rfc9380","metadata":{"beaconID":"quicknet"}}`

const quicknetRound1000 = `{"round":1000,"randomness":"fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
"signature":"b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}`

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func TestClientReadsPublicDrand(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/info", text(quicknetInfo))
	mux.Handle("/public/1000", text(quicknetRound1000))
	endpoint := serve(t, mux)
	info, err := drand.FetchInfo(t.Context(), endpoint)
	require.NoError(t, err)
	require.Equal(t, "quicknet", info.BeaconID)
	client := newClient(t, info.Chain, endpoint)
	require.NoError(t, client.Check(t.Context()))
	beacon, err := client.Round(t.Context(), 1000)
	require.NoError(t, err)
	require.Equal(t, "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd", hex.EncodeToString(beacon.Randomness))
}

func TestInfoWithAnyFieldChangedIsRefused(t *testing.T) {
	for old, changed := range map[string]string{
		`"period":3`: `"period":4`, `1692803367`: `1692803368`, `:"quicknet"`: `:"othernet"`, `"f477`: `"f478`,
		`"52db`: `"52dc`, `g1-rfc9380`: `g1`, `"83cf`: `"83ce`,
	} {
		require.Contains(t, quicknetInfo, old)
		_, err := drand.FetchInfo(t.Context(), serve(t, text(strings.Replace(quicknetInfo, old, changed, 1))))
		require.ErrorIs(t, err, drand.ErrResponse, changed)
	}
}

func TestBadAnswersAreRefused(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis + 100)
	signer := newSigner(t, 1, at)
	foreign := serve(t, newSigner(t, 2, at).Handler())
	answer := func(round uint64) string {
		beacon, err := signer.Round(round)
		require.NoError(t, err)
		return fmt.Sprintf(`{"round":%d,"randomness":"%x","signature":"%x"}`, round, beacon.Randomness, beacon.Signature)
	}
	good := answer(5)
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, foreign, http.StatusFound) }
	for name, endpoint := range map[string]string{
		"another key":        foreign,
		"another round":      serve(t, text(answer(6))),
		"relabelled":         serve(t, text(strings.Replace(answer(6), `"round":6`, `"round":5`, 1))),
		"no signature":       serve(t, text(`{"round":5}`)),
		"not json":           serve(t, text("<html>")),
		"not hexadecimal":    serve(t, text(`{"round":5,"signature":"xyz"}`)),
		"wrong randomness":   serve(t, text(strings.Replace(good, `"randomness":"`, `"randomness":"00`, 1))),
		"longer than it may": serve(t, text(good+strings.Repeat(" ", 5000))),
		"redirect":           serve(t, http.HandlerFunc(redirect)),
	} {
		client := newClient(t, signer.Info().Chain, endpoint)
		_, err := client.Round(t.Context(), 5)
		require.ErrorIs(t, err, drand.ErrResponse, name)
		require.NotErrorIs(t, err, drand.ErrNotPublished, name)

		failover := newClient(t, signer.Info().Chain, endpoint, serve(t, signer.Handler()))
		beacon, err := failover.Round(t.Context(), 5)
		require.NoError(t, err, name)
		require.EqualValues(t, 5, beacon.Round)
	}
	require.ErrorContains(t, newClient(t, signer.Info().Chain, foreign).Check(t.Context()), "another chain")
}

func TestSlowAndDeadEndpointsAreSkipped(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis)
	signer := newSigner(t, 1, at)
	asked := new(atomic.Int64)
	slow := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}))
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	client := newClient(t, signer.Info().Chain, slow, dead.URL, serve(t, signer.Handler()))
	for range 3 {
		_, err := client.Round(t.Context(), 1)
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, asked.Load(), "the endpoint that answered is asked first afterwards")
}

func TestCancelledContextStopsTheSearch(t *testing.T) {
	at := newClock()
	at.unix.Store(genesis)
	signer := newSigner(t, 1, at)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, signer.Info().Chain, serve(t, signer.Handler())).Latest(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestBadClientConfigurations(t *testing.T) {
	chain := newSigner(t, 1, newClock()).Info().Chain
	for name, config := range map[string]drand.ClientConfig{
		"chain":    {Endpoints: []string{"http://localhost"}},
		"none":     {Chain: chain},
		"scheme":   {Chain: chain, Endpoints: []string{"file:///etc/passwd"}},
		"query":    {Chain: chain, Endpoints: []string{"http://localhost?x=1"}},
		"no host":  {Chain: chain, Endpoints: []string{"http:///path"}},
		"unusable": {Chain: chain, Endpoints: []string{"http://local host"}},
	} {
		_, err := drand.NewClient(config)
		require.Error(t, err, name)
	}
	_, err := newClient(t, chain, "http://localhost").Round(t.Context(), 0)
	require.ErrorIs(t, err, verify.ErrRound)
}

// get returns an answer's status and body.
func get(t *testing.T, address string) (int, string) {
	response, err := http.Get(address)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}
