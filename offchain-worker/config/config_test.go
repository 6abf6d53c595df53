package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWrittenFileReadsBackEqual(t *testing.T) {
	for _, faults := range []*Faults{nil, {CorruptResult: true, CorruptPercent: 40, FlipEntry: true, Late: Duration(time.Second), IgnoreClaims: true}} {
		home := t.TempDir()
		want := Default()
		want.Faults = faults
		want.Beacon.Endpoints = []string{"https://a.example/x", "http://b.example"}
		require.NoError(t, Write(home, want, false))
		got, err := Load(home)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.ErrorIs(t, Write(home, want, false), fs.ErrExist)
		require.NoError(t, Write(home, want, true))
		info, err := os.Stat(filepath.Join(home, FileName))
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm())
	}
}

func TestEveryKeyIsInTheFile(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, Write(home, Default(), false))
	raw, err := os.ReadFile(filepath.Join(home, FileName))
	require.NoError(t, err)
	for _, line := range strings.Split(string(raw), "\n") {
		key, _, found := strings.Cut(line, " = ")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		broken := strings.Replace(string(raw), "\n"+line+"\n", "\n"+key+"_x = 1\n", 1)
		_, err := Parse([]byte(broken))
		require.ErrorContains(t, err, "unknown key", "key %s", key)
		require.ErrorContains(t, err, "line")
	}
}

func TestBadValuesNameTheKey(t *testing.T) {
	for text, want := range map[string]string{
		"[chain]\nid = ''":                                          "chain.id",
		"[chain]\nkeyring_backend = 'usb'":                          "chain.keyring_backend",
		"[chain]\ngas_price = 'x'":                                  "chain.gas_price",
		"[chain]\nmax_fee = '1stake'":                               "fee cap",
		"[chain]\ngas_adjustment = 0.5":                             "gas adjustment",
		"[chain]\ntimeout_blocks = 0":                               "chain.timeout_blocks",
		"[chain]\noperator = 'assay1x'":                             "chain.operator",
		"[beacon]\nendpoints = []":                                  "beacon.endpoints",
		"[beacon]\nendpoints = ['file:///x']":                       "beacon.endpoints[0]",
		"[worker]\nlanes = 0":                                       "worker.lanes",
		"[worker]\npoll_interval = '1us'":                           "worker.poll_interval",
		"[worker]\npoll_interval = 'soon'":                          "line 2",
		"[blobs]\nlisten = 'here'":                                  "blobs.listen",
		"[blobs]\nendpoint = 'http://u@h'":                          "blobs.endpoint",
		"[devices]\nprice = '-1'":                                   "devices.price",
		"[devices]\nhourly_price = '1.5'":                           "devices.hourly_price",
		"[devices]\nclass = 'cpu'":                                  "devices.class",
		"[devices]\nlocation = '91,0'":                              "devices.location is \"91,0\": location outside the grid: latitude is 91",
		"[devices]\nlocation = 'London'":                            "devices.location",
		"[devices]\nmeasure_interval = '1s'":                        "devices.measure_interval",
		"[log]\nlevel = 'loud'":                                     "log.level",
		"[metrics]\nlisten = '9'":                                   "metrics.listen",
		"[faults]\ncorrupt_percent = 101":                           "faults.corrupt_percent",
		"[chain]\nid = 'assay-1'\n[faults]\ncorrupt_result = true":  "refused on chain",
		"[chain]\nid = 'assaylocal-1'\n[faults]\ndrop_proof = true": "refused on chain",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestFaultsAreOffWithoutTheSection(t *testing.T) {
	config := Default()
	faults, err := config.RunnerFaults()
	require.NoError(t, err)
	require.False(t, faults.Active())
	config.Faults = &Faults{CorruptResult: true}
	faults, err = config.RunnerFaults()
	require.NoError(t, err)
	require.EqualValues(t, 100, faults.CorruptPercent)
}
