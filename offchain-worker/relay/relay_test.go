package relay_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/x/market/box"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

const chainID = "assay-test-1"

// hand is a worker's hot key.
type hand struct{ key *secp256k1.PrivKey }

func (h hand) SignBytes(message []byte) (signature, key []byte, err error) {
	signature, err = h.key.Sign(message)
	return signature, h.key.PubKey().Bytes(), err
}

func (h hand) address() sdk.AccAddress { return sdk.AccAddress(h.key.PubKey().Address()) }

// fakeChain says what a test wants of one job.
type fakeChain struct {
	view    chain.JobView
	record  markettypes.RelayRecord
	granted sdk.AccAddress
	missing bool
	// slow, when given, makes questions about other jobs wait for it to be closed; each is counted by asked.
	slow, asked chan struct{}
}

func (c *fakeChain) Job(_ context.Context, id uint64) (chain.JobView, error) {
	if c.slow != nil && id != c.view.Job.Id {
		c.asked <- struct{}{}
		<-c.slow
	}
	if c.missing {
		return chain.JobView{}, chain.ErrNotFound
	}
	return c.view, nil
}

func (c *fakeChain) Relays(context.Context, uint64) (markettypes.RelayRecord, error) {
	return c.record, nil
}

func (c *fakeChain) MayHandOver(_ context.Context, _, key sdk.AccAddress) (bool, error) {
	return key.Equals(c.granted), nil
}

func (c *fakeChain) MarketParams(context.Context) (markettypes.Params, error) {
	return markettypes.DefaultParams(), nil
}

// world is a relay that was drawn for a job, and a worker's box for it.
type world struct {
	chain  *fakeChain
	store  *relay.Store
	dir    string
	server *relay.Server
	http   *httptest.Server
	client *relay.Client
	drawn  markettypes.DrawnRelay
	hand   hand
	box    []byte
	parcel relay.Parcel
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), hand: hand{secp256k1.GenPrivKey()}, now: time.Now()}
	operator := sdk.AccAddress("relay_______________")
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))
	worker := sdk.AccAddress("worker______________")
	w.chain = &fakeChain{granted: w.hand.address()}
	w.chain.view.Job = markettypes.Job{Id: 7, State: markettypes.JOB_STATE_RELAYING, Attempt: 1, Worker: worker.String(), RelayClaims: 1}
	w.chain.view.Spec.Program = program.Program{
		Version: 1,
		Inputs: []program.Tensor{
			{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 40, Cols: 8},
			{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 300, Cols: 8},
		},
		Steps: []program.DenseStep{{Input: "x", Weight: "w", Output: "y", Shift: 1, OutputType: program.DATA_TYPE_INT8, Activation: program.ACTIVATION_IDENTITY}},
	}
	var err error
	w.store, err = relay.OpenStore(w.dir, 1<<20)
	require.NoError(t, err)
	w.server, err = relay.NewServer(relay.Config{
		ChainID: chainID, Operator: operator, Key: key, Chain: w.chain, Store: w.store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() time.Time { return w.now },
	})
	require.NoError(t, err)
	w.http = httptest.NewServer(w.server.Handler())
	t.Cleanup(w.http.Close)
	w.drawn = markettypes.DrawnRelay{Operator: operator.String(), RelayUrl: w.http.URL, RelayKey: key.Public().(ed25519.PublicKey)}
	w.chain.record = markettypes.RelayRecord{Draw: 1, Claims: []markettypes.RelayClaim{{Relays: []markettypes.DrawnRelay{w.drawn}}}}
	w.client = relay.NewClient(chainID, true, time.Minute)
	w.fill(t, w.layout(t), 1)
	return w
}

func (w *world) layout(t *testing.T) box.Layout {
	output, err := w.chain.view.Spec.Program.Result()
	require.NoError(t, err)
	layout, err := box.LayoutOf(output)
	require.NoError(t, err)
	return layout
}

// fill makes another box.
func (w *world) fill(t *testing.T, layout box.Layout, seed byte) {
	w.box = bytes.Repeat([]byte{seed}, int(layout.Bytes()))
	chunks, err := layout.Cut(w.box)
	require.NoError(t, err)
	w.parcel = relay.Parcel{Job: 7, Draw: 1, Root: box.Root(chunks)}
}

func (w *world) upload() (markettypes.RelayReceipt, error) {
	return w.client.Upload(context.Background(), w.hand, relay.Shipment{Relay: w.drawn, Parcel: w.parcel, Attempt: 1, Sealed: w.box})
}

func (w *world) fetch(have []byte) ([]byte, error) {
	return w.client.Fetch(context.Background(), relay.Request{Relay: w.drawn, Parcel: w.parcel, Size: uint64(len(w.box)), Have: have})
}

// TestABoxIsHeldUntilItsReceiptExpires: uploaded, fetched, kept over a restart, asked for again with the same receipt, and deleted when
// it is over, but not while its job may be contested.
func TestABoxIsHeldUntilItsReceiptExpires(t *testing.T) {
	w := newWorld(t)
	receipt, err := w.upload()
	require.NoError(t, err)
	least := w.now.Unix() + int64(markettypes.DefaultParams().RelayWindowSeconds)
	require.Greater(t, receipt.Expires, least)
	again, err := w.upload()
	require.NoError(t, err)
	require.Equal(t, receipt, again)
	got, err := w.fetch(nil)
	require.NoError(t, err)
	require.Equal(t, w.box, got)
	rest, err := w.fetch(w.box[:1000:1000])
	require.NoError(t, err)
	require.Equal(t, w.box, rest, "the rest of a transfer that broke off")

	require.NoError(t, os.WriteFile(w.dir+"/7-1-00.box.part-1", []byte("crash"), 0o600))
	reopened, err := relay.OpenStore(w.dir, 1<<20)
	require.NoError(t, err)
	root, err := reopened.Root(w.parcel, w.layout(t))
	require.NoError(t, err)
	require.Equal(t, w.parcel.Root, root)
	require.Equal(t, uint64(len(w.box)), reopened.Used())

	w.now = time.Unix(receipt.Expires+1, 0)
	w.chain.view.Job.State = markettypes.JOB_STATE_HANDED_OVER
	w.sweep(t)
	_, here := w.store.Expires(w.parcel)
	require.True(t, here, "the chain stood still and the customer may still need it")
	w.chain.view.Job.State = markettypes.JOB_STATE_CLOSED
	w.sweep(t)
	_, err = w.fetch(nil)
	require.ErrorIs(t, err, relay.ErrNoBox)
	require.Zero(t, w.store.Used())
}

func (w *world) sweep(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, w.server.Sweep(ctx), context.DeadlineExceeded)
}

// TestUploadsThatAreRefused leave nothing on the disk.
func TestUploadsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world)
		want  string
	}{
		"no such job":    {func(w *world) { w.chain.missing = true }, "404 Not Found: the chain knows no job 7"},
		"no claim":       {func(w *world) { w.chain.view.Job.State = markettypes.JOB_STATE_PROVEN }, "409 Conflict"},
		"handed over":    {func(w *world) { w.chain.view.Job.State = markettypes.JOB_STATE_HANDED_OVER }, "409 Conflict"},
		"not drawn":      {func(w *world) { w.chain.record.Claims[0].Relays[0].Operator = "other" }, "403 Forbidden: this relay was not drawn"},
		"another draw":   {func(w *world) { w.chain.record.Draw = 2 }, "403 Forbidden: this relay was not drawn"},
		"a stranger":     {func(w *world) { w.hand = hand{secp256k1.GenPrivKey()} }, "may not hand over for"},
		"another box":    {func(w *world) { w.box[5]++ }, "400 Bad Request: the body's root is"},
		"short":          {func(w *world) { w.box = w.box[1:] }, "400 Bad Request: the body has"},
		"long":           {func(w *world) { w.box = append(w.box, 0) }, "400 Bad Request: the body has"},
		"another output": {func(w *world) { w.chain.view.Spec.Program.Inputs[0].Rows = 50 }, "400 Bad Request: the body has"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(w)
			_, err := w.upload()
			require.ErrorIs(t, err, relay.ErrRefused)
			require.ErrorContains(t, err, c.want)
			require.Zero(t, w.store.Used())
		})
	}
}

// TestTheDiskIsBounded: what doesn't fit is refused.
func TestTheDiskIsBounded(t *testing.T) {
	w := newWorld(t)
	small, err := relay.OpenStore(t.TempDir(), uint64(len(w.box)))
	require.NoError(t, err)
	require.NoError(t, small.Put(w.parcel, w.box, 1))
	other := w.parcel
	other.Draw = 2
	require.ErrorIs(t, small.Put(other, w.box, 1), relay.ErrFull)
	require.NoError(t, small.Delete(w.parcel, time.Unix(1, 0)))
	require.ErrorIs(t, small.Put(other, w.box, 1), relay.ErrFull, "it has not expired yet")
	require.NoError(t, small.Delete(w.parcel, w.now))
	require.NoError(t, small.Delete(w.parcel, w.now))
	require.NoError(t, small.Put(other, w.box, 1))
}

// TestALyingRelayIsFoundOut: a receipt of another key, for another box or for another expiry is none.
func TestALyingRelayIsFoundOut(t *testing.T) {
	w := newWorld(t)
	other, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	w.drawn.RelayKey = other
	_, err = w.upload()
	require.Error(t, err)
	for _, answer := range []string{"", "{}", `{"signature":"zz"}`, strings.Repeat("x", 1<<16)} {
		liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		w.drawn.RelayUrl = liar.URL
		_, err = w.upload()
		require.Error(t, err)
		liar.Close()
	}
}

// TestOnlyPublicRelaysAreReached: a relay's URL is the word of a stranger, and leads nobody into its own network.
func TestOnlyPublicRelaysAreReached(t *testing.T) {
	w := newWorld(t)
	var reached atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	w.client = relay.NewClient(chainID, false, time.Minute)
	for _, url := range []string{inside.URL, "http://169.254.169.254", "http://[::1]:80", "file:///etc", "http://user@example.com"} {
		w.drawn.RelayUrl = url
		_, err := w.upload()
		require.ErrorIs(t, err, blob.ErrForbidden, url)
		_, err = w.fetch(nil)
		require.ErrorIs(t, err, blob.ErrForbidden, url)
	}
	require.Zero(t, reached.Load())
}

// TestTransfersThatBreakOffGoOn, and those that can't end at once.
func TestTransfersThatBreakOffGoOn(t *testing.T) {
	w := newWorld(t)
	var requests atomic.Int32
	flaky := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if requests.Add(1) < 4 {
			out = cut{out, 2_000}
		}
		http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(w.box))
	}))
	defer flaky.Close()
	w.drawn.RelayUrl = flaky.URL
	var told uint64
	got, err := w.client.Fetch(context.Background(), relay.Request{
		Relay: w.drawn, Parcel: w.parcel, Size: uint64(len(w.box)), Progress: func(done, _ uint64) { told = done },
	})
	require.NoError(t, err)
	require.Equal(t, w.box, got)
	require.EqualValues(t, len(w.box), told)
	require.EqualValues(t, 4, requests.Load())
	_, err = w.client.Fetch(context.Background(), relay.Request{Relay: w.drawn, Parcel: w.parcel, Size: uint64(len(w.box)) + 1})
	require.ErrorContains(t, err, "the relay offers")
}

// cut writes so many bytes and then fails.
type cut struct {
	http.ResponseWriter
	limit int
}

func (c cut) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.limit)])
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

// FuzzUpload: whatever a stranger sends, nothing is kept and the relay neither fails inside nor panics.
func FuzzUpload(f *testing.F) {
	f.Add("7", "1", strings.Repeat("ab", 32), "", "", []byte("x"))
	f.Add("7", "1", strings.Repeat("ab", 32), strings.Repeat("02", 33), strings.Repeat("11", 64), []byte{})
	f.Add("-7", "01", "AB", "zz", "zz", []byte{})
	f.Fuzz(func(t *testing.T, job, draw, root, key, signature string, body []byte) {
		w := newWorld(t)
		r := httptest.NewRequest(http.MethodPut, "/", bytes.NewReader(body))
		r.Header.Set("X-Assay-Key", key)
		r.Header.Set("X-Assay-Signature", signature)
		r.URL.Path = "/boxes/" + job + "/" + draw + "/" + root
		answer := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(answer, r)
		require.NotEqual(t, http.StatusOK, answer.Code)
		require.NotEqual(t, http.StatusInternalServerError, answer.Code)
		require.Zero(t, w.store.Used())
	})
}

func TestKeysAreMadeOnce(t *testing.T) {
	home := t.TempDir()
	key, err := relay.LoadKey(home)
	require.NoError(t, err)
	again, err := relay.LoadKey(home)
	require.NoError(t, err)
	require.Equal(t, key, again)
	info, err := os.Stat(home + "/relay.key")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.WriteFile(home+"/relay.key", []byte("short"), 0o600))
	_, err = relay.LoadKey(home)
	require.Error(t, err)
}

func TestPathsHaveOneSpelling(t *testing.T) {
	root := strings.Repeat("ab", 32)
	p, err := relay.ParseParcel("7", "1", root)
	require.NoError(t, err)
	require.Equal(t, "/boxes/7/1/"+root, p.Path())
	for _, parts := range [][3]string{{"07", "1", root}, {"+7", "1", root}, {"7", "01", root}, {"7", "1", strings.ToUpper(root)}, {"7", "4294967296", root}, {"7", "1", root[2:]}, {"", "", ""}} {
		_, err := relay.ParseParcel(parts[0], parts[1], parts[2])
		require.Error(t, err, "%v", parts)
	}
}
