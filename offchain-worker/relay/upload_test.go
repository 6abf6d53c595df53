package relay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/assaychain/assay/offchain-worker/relay"
)

// TestADrawHasTwoBoxes: a worker that seals once more is served, one that makes roots up does not fill the disk.
func TestADrawHasTwoBoxes(t *testing.T) {
	w := newWorld(t)
	for seed := byte(1); seed <= 2; seed++ {
		w.fill(t, w.layout(t), seed)
		_, err := w.upload()
		require.NoError(t, err)
	}
	used, kept := w.store.Used(), w.parcel
	w.fill(t, w.layout(t), 3)
	_, err := w.upload()
	require.ErrorIs(t, err, relay.ErrRefused)
	require.ErrorContains(t, err, "409 Conflict: too many boxes of the job: 2 are kept of job 7 in draw 1")
	require.ErrorIs(t, w.store.Put(w.parcel, w.box, 1), relay.ErrManyRoots)
	require.Equal(t, used, w.store.Used())
	require.NoError(t, w.store.Put(kept, w.box, 1), "one that is here is no other")
	other := w.parcel
	other.Draw = 2
	require.NoError(t, w.store.Put(other, w.box, 1), "another draw")
}

// TestTheBoundHoldsUnderManyHands: uploads of other roots at the same time leave as many boxes as one after the other.
func TestTheBoundHoldsUnderManyHands(t *testing.T) {
	store, err := relay.OpenStore(t.TempDir(), 1<<20)
	require.NoError(t, err)
	var wait sync.WaitGroup
	for root := range byte(16) {
		wait.Go(func() { _ = store.Put(relay.Parcel{Job: 7, Draw: 1, Root: [32]byte{root}}, make([]byte, 10), 1) })
	}
	wait.Wait()
	require.EqualValues(t, 20, store.Used())
}

// TestAskingAgainExtends the promise, over a restart too, and never shortens it. A box that was extended meanwhile is not swept away.
func TestAskingAgainExtends(t *testing.T) {
	w := newWorld(t)
	first, err := w.upload()
	require.NoError(t, err)
	before := w.now
	w.now = w.now.Add(time.Hour)
	later, err := w.upload()
	require.NoError(t, err)
	require.Equal(t, first.Expires+3600, later.Expires)
	reopened, err := relay.OpenStore(w.dir, 1<<20)
	require.NoError(t, err)
	expires, here := reopened.Expires(w.parcel)
	require.True(t, here)
	require.Equal(t, later.Expires, expires)
	got, err := w.fetch(nil)
	require.NoError(t, err)
	require.Equal(t, w.box, got)
	w.now = before
	again, err := w.upload()
	require.NoError(t, err)
	require.Equal(t, later, again)
	require.NoError(t, w.store.Delete(w.parcel, time.Unix(first.Expires+1, 0)))
	_, here = w.store.Expires(w.parcel)
	require.True(t, here)
	_, err = w.store.Extend(relay.Parcel{Job: 8}, 1)
	require.ErrorIs(t, err, relay.ErrNoBox)
}

// TestStrangersTakeNoPlaces: any key may ask about any job, and as long as the chain is asked a worker's box is taken all the same.
func TestStrangersTakeNoPlaces(t *testing.T) {
	w := newWorld(t)
	w.chain.slow, w.chain.asked = make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	defer wait.Wait()
	defer close(w.chain.slow)
	stranger := hand{secp256k1.GenPrivKey()}
	foreign := relay.Shipment{Relay: w.drawn, Parcel: w.parcel, Attempt: 1, Sealed: w.box}
	foreign.Parcel.Job = 8
	for range 2 {
		wait.Go(func() { _, _ = w.client.Upload(context.Background(), stranger, foreign) })
		<-w.chain.asked
	}
	_, err := w.upload()
	require.NoError(t, err)
}

// TestSlowUploadsAreCutOff: a body that drips is taken while there is time for it, and cut off when there isn't.
func TestSlowUploadsAreCutOff(t *testing.T) {
	w := newWorld(t)
	honest := w.drawn.RelayUrl
	w.serve(t, func(out http.ResponseWriter, r *http.Request) {
		slow, err := http.NewRequestWithContext(r.Context(), r.Method, honest+r.URL.Path, &dripping{whole: r.Body, pause: 50 * time.Millisecond, part: len(w.box)/20 + 1})
		if err == nil {
			slow.Header, slow.ContentLength = r.Header.Clone(), r.ContentLength
			err = pass(out, slow)
		}
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadGateway)
		}
	})
	_, err := w.upload()
	require.NoError(t, err, "a second is not too long")
	w.fill(t, w.layout(t), 2)
	w.server.SetReadBase(200 * time.Millisecond)
	_, err = w.upload()
	require.ErrorContains(t, err, "the body can't be read")
	_, here := w.store.Expires(w.parcel)
	require.False(t, here)
}

// TestUnboundedUploadsAreRefused: where the time of a body can't be bounded, none is read.
func TestUnboundedUploadsAreRefused(t *testing.T) {
	w := newWorld(t)
	handler := w.server.Handler()
	w.serve(t, func(out http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(struct{ http.ResponseWriter }{out}, r)
	})
	_, err := w.upload()
	require.ErrorContains(t, err, "the relay failed")
	require.Zero(t, w.store.Used())
}

// TestTwoBoxesAreTakenAtATime: a third finds no place while the bodies of two do not come, and one again once they are gone.
func TestTwoBoxesAreTakenAtATime(t *testing.T) {
	w := newWorld(t)
	honest, handler := w.drawn, w.server.Handler()
	blocked, release := io.Pipe()
	started := make(chan struct{}, 2)
	w.serve(t, func(out http.ResponseWriter, r *http.Request) {
		r.Body = waiting{io.MultiReader(blocked, r.Body), started}
		handler.ServeHTTP(out, r)
	})
	var wait sync.WaitGroup
	for seed := byte(1); seed <= 2; seed++ {
		w.fill(t, w.layout(t), seed)
		shipment := relay.Shipment{Relay: w.drawn, Parcel: w.parcel, Attempt: 1, Sealed: bytes.Clone(w.box)}
		wait.Go(func() { _, _ = w.client.Upload(context.Background(), w.hand, shipment) })
		<-started
	}
	w.drawn = honest
	_, err := w.upload()
	require.ErrorContains(t, err, "503 Service Unavailable: 2 boxes are being taken, try again")
	require.NoError(t, release.CloseWithError(io.ErrUnexpectedEOF))
	wait.Wait()
	_, err = w.upload()
	require.NoError(t, err)
}

// serve has another server answer for the relay.
func (w *world) serve(t *testing.T, answer http.HandlerFunc) {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	w.drawn.RelayUrl = server.URL
}

// dripping gives a body in parts, a pause before each.
type dripping struct {
	whole io.Reader
	pause time.Duration
	part  int
}

func (d *dripping) Read(p []byte) (int, error) {
	time.Sleep(d.pause)
	return d.whole.Read(p[:min(len(p), d.part)])
}

// pass sends a request on, and gives its answer.
func pass(out http.ResponseWriter, request *http.Request) error {
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	out.WriteHeader(answer.StatusCode)
	_, err = io.Copy(out, answer.Body)
	return errors.Join(err, answer.Body.Close())
}

// waiting tells when a body is first read.
type waiting struct {
	io.Reader
	started chan struct{}
}

func (w waiting) Read(p []byte) (int, error) {
	select {
	case w.started <- struct{}{}:
	default:
	}
	return w.Reader.Read(p)
}

func (waiting) Close() error { return nil }
