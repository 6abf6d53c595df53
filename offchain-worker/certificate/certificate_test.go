package certificate_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/certificate"
	"github.com/assaychain/assay/offchain-worker/certificate/certificatetest"
)

// fixture is made once: its proofs cost seconds.
var fixture = sync.OnceValue(func() *certificatetest.Node { return certificatetest.New(shared{}) })

// shared lets the fixture outlive the test that makes it first.
type shared struct{ testing.TB }

func (shared) Helper()                           {}
func (shared) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (shared) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (shared) FailNow()                          { panic("fixture failed") }

func good(t *testing.T) (*certificate.Certificate, certificate.TrustRoot) {
	t.Helper()
	node := fixture()
	c, err := certificate.Collect(context.Background(), node, node.JobID)
	require.NoError(t, err)
	trust, err := certificate.FromGenesis(node.Genesis)
	require.NoError(t, err)
	return c, trust
}

// check decodes and verifies as a reader of the file does.
func check(encoded []byte, trust certificate.TrustRoot) error {
	c, err := certificate.Decode(encoded)
	if err != nil {
		return err
	}
	report, err := certificate.Verify(c, trust)
	if err != nil {
		return err
	}
	return report.Err()
}

func TestCollectedCertificateVerifies(t *testing.T) {
	c, trust := good(t)
	encoded, err := c.Encode()
	require.NoError(t, err)
	decoded, err := certificate.Decode(encoded)
	require.NoError(t, err)
	require.Equal(t, c, decoded)
	report, err := certificate.Verify(decoded, trust)
	require.NoError(t, err)
	for _, check := range report.Checks {
		require.Empty(t, check.Failure, check.Name)
		require.NotEmpty(t, check.Detail, check.Name)
	}
	require.True(t, report.OK())
	require.Len(t, report.Checks, 7)
	report.CheckResult(t.Context(), blob.Merkle{}, fixture().Result)
	require.NoError(t, report.Err())
}

func TestWrongResultIsRefused(t *testing.T) {
	c, trust := good(t)
	report, err := certificate.Verify(c, trust)
	require.NoError(t, err)
	wrong := *fixture().Result
	wrong.Int32 = append([]int32{}, wrong.Int32...)
	wrong.Int32[3]++
	report.CheckResult(t.Context(), blob.Merkle{}, &wrong)
	require.False(t, report.OK())
	require.ErrorContains(t, report.Err(), "another is proven")
}

// Every leaf of the file is changed in several ways; none may verify.
func TestEveryMutationIsRefused(t *testing.T) {
	c, trust := good(t)
	encoded, err := c.Encode()
	require.NoError(t, err)
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&tree))
	mutants := 0
	walk(tree, "", func(path string, set func(any), leaf any) {
		for i, value := range variants(leaf) {
			set(value)
			mutant := reencode(t, tree)
			require.Error(t, check(mutant, trust), "%s variant %d", path, i)
			mutants++
		}
		set(leaf)
	})
	require.NoError(t, check(reencode(t, tree), trust), "the walk left the certificate as it was")
	require.Greater(t, mutants, 100)
	t.Logf("%d mutants refused", mutants)
}

// reencode brings the tree into the canonical form, so that only the change itself can be found.
func reencode(t *testing.T, tree any) []byte {
	t.Helper()
	raw, err := json.Marshal(tree)
	require.NoError(t, err)
	var c certificate.Certificate
	if err := json.Unmarshal(raw, &c); err != nil {
		return raw
	}
	encoded, err := c.Encode()
	require.NoError(t, err)
	return encoded
}

func walk(node any, path string, visit func(path string, set func(any), leaf any)) {
	switch n := node.(type) {
	case map[string]any:
		for key, value := range n {
			step(value, path+"."+key, func(v any) { n[key] = v }, visit)
		}
	case []any:
		for i, value := range n {
			step(value, fmt.Sprintf("%s[%d]", path, i), func(v any) { n[i] = v }, visit)
		}
	}
}

func step(value any, path string, set func(any), visit func(string, func(any), any)) {
	switch value.(type) {
	case map[string]any, []any:
		walk(value, path, visit)
		return
	}
	visit(path, set, value)
}

// variants are changes of one leaf: single bits of byte strings at several places, a byte less, a byte more, none.
func variants(leaf any) []any {
	if number, ok := leaf.(json.Number); ok {
		return []any{json.Number(number.String() + "1"), json.Number("0")}
	}
	text := leaf.(string)
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < 8 {
		return []any{text + "x", ""}
	}
	changed := []any{"", base64.StdEncoding.EncodeToString(raw[:len(raw)-1]), base64.StdEncoding.EncodeToString(append(bytes.Clone(raw), 0))}
	for _, at := range []int{0, 1, len(raw) / 3, len(raw) / 2, len(raw) - 2, len(raw) - 1} {
		flipped := bytes.Clone(raw)
		flipped[at] ^= 1 << (at % 8)
		changed = append(changed, base64.StdEncoding.EncodeToString(flipped))
	}
	return changed
}

func TestListsAreNeitherShortenedNorReordered(t *testing.T) {
	for name, change := range map[string]func(*certificate.Certificate){
		"a proof less":         func(c *certificate.Certificate) { c.Proofs = c.Proofs[1:] },
		"a proof more":         func(c *certificate.Certificate) { c.Proofs = append(c.Proofs, c.Proofs[0]) },
		"proofs swapped":       func(c *certificate.Certificate) { c.Proofs[0], c.Proofs[1] = c.Proofs[1], c.Proofs[0] },
		"a validator less":     func(c *certificate.Certificate) { c.Block.Validators = c.Block.Validators[1:] },
		"a circuit twice":      func(c *certificate.Certificate) { c.Circuits = append(c.Circuits, c.Circuits[0]) },
		"no state proof":       func(c *certificate.Certificate) { c.Job.Proofs = nil },
		"state proofs swapped": func(c *certificate.Certificate) { c.Job.Proofs[0], c.Job.Proofs[1] = c.Job.Proofs[1], c.Job.Proofs[0] },
		"another record":       func(c *certificate.Certificate) { c.Job, c.Spec = c.Spec, c.Job },
		"another job": func(c *certificate.Certificate) {
			c.JobID++
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, trust := good(t)
			change(c)
			encoded, err := c.Encode()
			require.NoError(t, err)
			require.Error(t, check(encoded, trust))
		})
	}
}

func TestTrustDecides(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*certificate.TrustRoot)
		want   string
	}{
		"other chain":      {func(r *certificate.TrustRoot) { r.ChainID = "assay-test-2" }, `it is of chain "assay-test-1", trusted is "assay-test-2"`},
		"other validators": {func(r *certificate.TrustRoot) { r.Validators = strangers(t, 4) }, "more than 1/3 of the trusted power"},
		"other key of circuit": {func(r *certificate.TrustRoot) {
			r.Circuits["opening-256"] = certificate.TrustedCircuit{KeyHash: make([]byte, sha256.Size), Class: 256}
		}, "the verifying key of opening-256 is"},
		"other class of circuit": {func(r *certificate.TrustRoot) {
			r.Circuits["opening-256"] = certificate.TrustedCircuit{KeyHash: r.Circuits["opening-256"].KeyHash, Class: 1024}
		}, "opening-256 is of class 256, trusted is 1024"},
		"other beacon":          {func(r *certificate.TrustRoot) { r.Beacon.Chain.PublicKey = otherBeacon(t) }, "beacon signature does not verify"},
		"other block is pinned": {func(r *certificate.TrustRoot) { r.HeaderHash = make([]byte, 32) }, "pinned is"},
		"nothing vouches":       {func(r *certificate.TrustRoot) { r.Validators = nil }, "no root of trust"},
	} {
		t.Run(name, func(t *testing.T) {
			c, trust := good(t)
			tt.change(&trust)
			encoded, err := c.Encode()
			require.NoError(t, err)
			require.ErrorContains(t, check(encoded, trust), tt.want)
		})
	}
}

// With the block's hash known, the rest follows from the chain's state.
func TestPinnedBlockNeedsNoGenesis(t *testing.T) {
	c, trust := good(t)
	node := fixture()
	signed, err := node.Commit(context.Background(), nil)
	require.NoError(t, err)
	report, err := certificate.Verify(c, certificate.TrustRoot{ChainID: trust.ChainID, HeaderHash: signed.Header.Hash()})
	require.NoError(t, err)
	require.NoError(t, report.Err())
	require.Contains(t, report.Checks[5].Detail, "0 named by the root of trust, 1 by the chain's state")
}

func TestOnlyTheCanonicalFormIsRead(t *testing.T) {
	c, _ := good(t)
	encoded, err := c.Encode()
	require.NoError(t, err)
	text := string(encoded)
	for name, tt := range map[string]struct{ content, want string }{
		"unknown field":   {strings.Replace(text, `"format"`, `"more": 1, "format"`, 1), `unknown field "more"`},
		"field twice":     {strings.Replace(text, `  "job_id": 7,`, "  \"job_id\": 7,\n  \"job_id\": 7,", 1), "canonical form"},
		"other case":      {strings.Replace(text, `"chain_id"`, `"Chain_ID"`, 1), "canonical form"},
		"spaces":          {text + " ", "canonical form"},
		"a second one":    {text + text, "canonical form"},
		"truncated":       {text[:len(text)/2], "not a certificate"},
		"other format":    {strings.Replace(text, certificate.Format, "assay-certificate-v2", 1), `format is "assay-certificate-v2"`},
		"empty":           {"", "not a certificate"},
		"no certificate":  {"{}", `format is ""`},
		"larger than any": {strings.Repeat(" ", certificate.MaxSize+1), "more than 4194304 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate.Decode([]byte(tt.content))
			require.ErrorIs(t, err, certificate.ErrFormat)
			require.ErrorContains(t, err, tt.want)
		})
	}
	path := filepath.Join(t.TempDir(), "c.json")
	require.NoError(t, os.WriteFile(path, encoded, 0o600))
	read, err := certificate.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, c, read)
}

func TestUnsettledJobHasNoCertificate(t *testing.T) {
	_, err := certificate.Collect(context.Background(), fixture(), fixture().JobID+2)
	require.ErrorContains(t, err, "not in the state at height 1")
}

func TestBadGenesisIsRefused(t *testing.T) {
	good := string(fixture().Genesis)
	for name, tt := range map[string]struct{ content, want string }{
		"not JSON":        {"genesis", "not a genesis file"},
		"no chain id":     {strings.Replace(good, `"chain_id"`, `"other"`, 1), "the chain id is missing"},
		"no validators":   {strings.Replace(good, `"gen_txs"`, `"other"`, 1), "it has no validator"},
		"stake too small": {strings.Replace(good, `"40000000"`, `"999999"`, 1), "gen_txs[0]: no validator"},
		"other key type":  {strings.Replace(good, "ed25519", "secp256k1", 1), "gen_txs[0]: no validator"},
		"no beacon":       {strings.Replace(good, `"beacon"`, `"other"`, 1), "app_state.beacon: missing"},
		"bad beacon key":  {strings.Replace(good, `"public_key": "`, `"public_key": "AAAA`, 1), "public key"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate.FromGenesis([]byte(tt.content))
			require.ErrorIs(t, err, certificate.ErrTrust)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("{}"))
	f.Add([]byte(`{"format":"assay-certificate-v1","proofs":["AA=="],"circuits":[{}],"block":{"validators":[{}]}}`))
	trust := certificate.TrustRoot{ChainID: "", HeaderHash: make([]byte, 32)}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := certificate.Decode(data)
		if err != nil {
			return
		}
		again, err := c.Encode()
		require.NoError(t, err)
		require.Equal(t, data, again)
		trust.ChainID = c.ChainID
		report, err := certificate.Verify(c, trust)
		require.True(t, err != nil || !report.OK())
	})
}
