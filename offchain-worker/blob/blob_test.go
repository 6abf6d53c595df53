package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/proofs/tensor"
)

func sample(t require.TestingT, seed, rows, cols int) (*tensor.Tensor, Root, []byte) {
	values := make([]int8, rows*cols)
	for i := range values {
		values[i] = int8(i*3 + seed)
	}
	made, err := tensor.NewInt8(uint32(rows), uint32(cols), values)
	require.NoError(t, err)
	root, err := Commit(made)
	require.NoError(t, err)
	return made, root, tensor.EncodeBlob(made)
}

func newStore(t *testing.T, quota uint64) *Store {
	store, err := NewStore(t.TempDir(), quota)
	require.NoError(t, err)
	return store
}

func TestCommitEqualsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made, root, _ := sample(t, rapid.IntRange(0, 9).Draw(t, "seed"), rapid.IntRange(1, 70).Draw(t, "rows"), rapid.IntRange(1, 80).Draw(t, "cols"))
		want, err := tensor.Root(made)
		require.NoError(t, err)
		require.EqualValues(t, want.Bytes(), root)
	})
}

func TestVerifyRefusesEveryFlippedByte(t *testing.T) {
	made, root, raw := sample(t, 1, 3, 40)
	_, err := Verify(made.Shape, root, raw)
	require.NoError(t, err)
	for i := range raw {
		wrong := bytes.Clone(raw)
		wrong[i] ^= 1
		_, err := Verify(made.Shape, root, wrong)
		require.ErrorIs(t, err, ErrRoot)
	}
	_, err = Verify(made.Shape, root, raw[:len(raw)-1])
	require.ErrorIs(t, err, ErrSize)
	_, err = Verify(made.Shape, root, append(bytes.Clone(raw), 0))
	require.ErrorIs(t, err, ErrSize)
}

func TestRootsHaveOneForm(t *testing.T) {
	_, root, _ := sample(t, 1, 2, 2)
	parsed, err := ParseRootHex(root.String())
	require.NoError(t, err)
	require.Equal(t, root, parsed)
	for _, text := range []string{"", "zz", root.String()[2:], root.String() + "00", "../" + root.String()} {
		_, err := ParseRootHex(text)
		require.ErrorIs(t, err, ErrRoot, text)
	}
	// A name may be of any level's root; of a tree it is a number of the field.
	beyond, err := ParseRootHex(strings.Repeat("f", 64))
	require.NoError(t, err)
	_, err = ParseRoot(beyond[:])
	require.ErrorIs(t, err, ErrRoot)
	if upper := strings.ToUpper(root.String()); upper != root.String() {
		_, err = ParseRootHex(upper)
		require.ErrorIs(t, err, ErrRoot)
	}
}

func TestStoreKeepsAndEvicts(t *testing.T) {
	store := newStore(t, 250)
	var roots []Root
	for seed := range 3 {
		_, root, raw := sample(t, seed, 10, 10)
		roots = append(roots, root)
		if seed == 0 {
			store.Pin(root)
		}
		require.NoError(t, store.Put(root, raw))
		require.NoError(t, store.Put(root, raw), "again")
		old := time.Now().Add(time.Duration(seed-10) * time.Minute)
		require.NoError(t, os.Chtimes(store.path(root), old, old))
	}
	require.True(t, store.Has(roots[0]), "pinned")
	require.False(t, store.Has(roots[1]), "evicted")
	require.True(t, store.Has(roots[2]))
	used, err := store.Usage()
	require.NoError(t, err)
	require.EqualValues(t, 200, used)
	store.Pin(roots[2])
	_, root, raw := sample(t, 9, 10, 10)
	require.ErrorIs(t, store.Put(root, raw), ErrQuota)
	require.False(t, store.Has(root))
	store.Unpin(roots[0])
	require.NoError(t, store.Put(root, raw))
	require.False(t, store.Has(roots[0]))
	_, err = store.Get(roots[0])
	require.ErrorIs(t, err, ErrNotFound)
}

func TestStoreForgetsHalfWrittenFiles(t *testing.T) {
	dir := t.TempDir()
	store, err := NewStore(dir, 0)
	require.NoError(t, err)
	_, root, raw := sample(t, 1, 4, 4)
	require.NoError(t, store.Put(root, raw))
	leftover := store.path(root) + ".part-123"
	require.NoError(t, os.WriteFile(leftover, raw[:3], 0o600))
	_, err = NewStore(dir, 0)
	require.NoError(t, err)
	require.NoFileExists(t, leftover)
	require.True(t, store.Has(root))
}

func serving(t *testing.T) (*Store, *ResultIndex, string) {
	store := newStore(t, 0)
	index, err := NewResultIndex(t.TempDir())
	require.NoError(t, err)
	server := httptest.NewServer(Handler(store, index))
	t.Cleanup(server.Close)
	return store, index, server.URL
}

func private() *Fetcher {
	return NewFetcher(FetchConfig{AllowPrivate: true, Pause: time.Millisecond, Timeout: 5 * time.Second})
}

func TestFetchTakesTheFirstGoodLocator(t *testing.T) {
	store, _, url := serving(t)
	made, root, raw := sample(t, 1, 700, 1500) // More than one report of progress.
	require.NoError(t, store.Put(root, raw))
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		wrong := bytes.Clone(raw)
		wrong[5]++
		_, _ = w.Write(wrong)
	}))
	defer liar.Close()
	var told []uint64
	got, decoded, err := private().Fetch(context.Background(), Request{
		Root: root, Shape: made.Shape,
		Locators: []string{"http://127.0.0.1:1/x", liar.URL, url + "/blobs/" + root.String()},
		Progress: func(done, total uint64) { told = append(told, done); require.EqualValues(t, len(raw), total) },
	})
	require.NoError(t, err)
	require.Equal(t, raw, got)
	require.Equal(t, made.Int8, decoded.Int8)
	require.EqualValues(t, len(raw), told[len(told)-1])
}

func TestFetchBoundsWhatItReads(t *testing.T) {
	made, root, raw := sample(t, 1, 10, 10)
	sent := 0
	for name, handler := range map[string]http.HandlerFunc{
		"announced too long": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(append(bytes.Clone(raw), 0)) },
		"too short":          func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(raw[:99]) },
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			for {
				n, err := w.Write(make([]byte, 1024))
				if sent += n; err != nil || sent > 64<<20 {
					return
				}
			}
		},
		"missing": http.NotFound,
	} {
		server := httptest.NewServer(handler)
		_, _, err := private().Fetch(context.Background(), Request{Root: root, Shape: made.Shape, Locators: []string{server.URL}})
		server.Close()
		require.Error(t, err, name)
	}
	require.Less(t, sent, 64<<20, "the connection is closed early")
	_, _, err := private().Fetch(context.Background(), Request{Root: root, Shape: made.Shape})
	require.ErrorIs(t, err, ErrNotFound)
}

func TestGuardRefusesPrivateAddresses(t *testing.T) {
	for _, text := range []string{
		"127.0.0.1", "127.255.0.3", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "0.1.2.3",
		"224.0.0.1", "255.255.255.255", "192.0.0.192", "198.18.0.1", "240.0.0.1",
		"::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::", "::7f00:1", "fec0::1",
	} {
		require.ErrorIs(t, checkAddress(netip.MustParseAddr(text)), ErrForbidden, text)
	}
	for _, text := range []string{"1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"} {
		require.NoError(t, checkAddress(netip.MustParseAddr(text)), text)
	}
}

func TestFetcherOpensNothingPrivate(t *testing.T) {
	hits := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	made, root, _ := sample(t, 1, 2, 2)
	guarded := NewFetcher(FetchConfig{Pause: time.Millisecond, Timeout: 5 * time.Second})
	for _, locator := range []string{
		server.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://2130706433:" + port, "http://127.1:" + port,
		"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:" + port, "http://user@127.0.0.1:" + port, "http://", "://",
		"http://169.254.169.254/latest/meta-data/",
	} {
		_, _, err := guarded.Fetch(context.Background(), Request{Root: root, Shape: made.Shape, Locators: []string{locator}})
		require.Error(t, err, locator)
	}
	require.Zero(t, hits)
}

func TestRedirectsAreChecked(t *testing.T) {
	made, root, _ := sample(t, 1, 2, 2)
	for target, want := range map[string]error{"file:///etc/passwd": ErrForbidden, "/loop": ErrForbidden, "http://u:p@127.0.0.1/": ErrForbidden} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) }))
		_, _, err := private().Fetch(context.Background(), Request{Root: root, Shape: made.Shape, Locators: []string{server.URL}})
		server.Close()
		require.ErrorIs(t, err, want, target)
	}
	// A public server that redirects to a private address: the dialer refuses each connection, whoever asked for it.
	dial := guardedTransport(false).DialContext
	_, err := dial(context.Background(), "tcp", "127.0.0.1:80")
	require.ErrorIs(t, err, ErrForbidden)
}

func TestHandlerServesBlobsAndResultsOnly(t *testing.T) {
	store, index, url := serving(t)
	_, root, raw := sample(t, 1, 5, 5)
	require.NoError(t, store.Put(root, raw))
	require.NoError(t, index.Publish("assay-local-1", 7, root))
	for path, want := range map[string]int{
		"/blobs/" + root.String(): 200, "/results/assay-local-1/7": 200, "/results/assay-local-1/8": 404, "/results/assay-local-1/x": 400,
		"/results/../7": 404, "/blobs/../../etc/passwd": 404, "/blobs/" + strings.Repeat("0", 64): 404, "/blobs/zz": 400, "/": 404,
	} {
		response, err := http.Get(url + path)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want, response.StatusCode, path)
		if want == 200 {
			require.Equal(t, raw, body)
			require.Equal(t, root.String(), response.Header.Get("X-Assay-Root"))
		}
	}
	response, err := http.Post(url+"/blobs/"+root.String(), "text/plain", strings.NewReader("x"))
	require.NoError(t, err)
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
	require.NoError(t, index.Withdraw("assay-local-1", 7))
	_, ok := index.Result("assay-local-1", 7)
	require.False(t, ok)
}

func TestResultIndexStaysInItsFolder(t *testing.T) {
	index, err := NewResultIndex(filepath.Join(t.TempDir(), "index"))
	require.NoError(t, err)
	for _, id := range []string{"", ".", "..", "../x", "a/b", `a\b`} {
		require.Error(t, index.Publish(id, 1, Root{}), id)
		_, ok := index.Result(id, 1)
		require.False(t, ok)
	}
}

func TestSealOpensWithTheDeliveryKey(t *testing.T) {
	public, secret, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sealed, err := Seal([]byte("result"), public[:])
	require.NoError(t, err)
	require.Len(t, sealed, len("result")+SealOverhead)
	opened, ok := box.OpenAnonymous(nil, sealed, public, secret)
	require.True(t, ok)
	require.Equal(t, "result", string(opened))
	_, err = Seal(nil, public[:31])
	require.ErrorContains(t, err, "31 bytes")
}

func ExampleRoot_String() {
	fmt.Println(Root{31: 1})
	// Output: 0000000000000000000000000000000000000000000000000000000000000001
}
