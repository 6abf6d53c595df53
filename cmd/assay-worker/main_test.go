package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	registrytypes "github.com/assaychain/assay/x/registry/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/x/proofs/circuits/model/modeltest"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
)

func TestMain(m *testing.M) {
	chain.UseAddressPrefix()
	os.Exit(m.Run())
}

// call runs a command line and returns its exit code and what it wrote.
func call(args ...string) (int, string, string) {
	var out, errOut bytes.Buffer
	code := execute(context.Background(), args, &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestExitCodes(t *testing.T) {
	home := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{}, 0, ""},
		{[]string{"--help"}, 0, ""},
		{[]string{"version"}, 0, ""},
		{[]string{"completion", "bash"}, 0, ""},
		{[]string{"walk"}, exitUsage, "unknown command"},
		{[]string{"run", "--fast"}, exitUsage, "unknown flag"},
		{[]string{"run", "now"}, exitUsage, "unknown command"},
		{[]string{"version", "--output", "xml"}, exitUsage, "--output"},
		{[]string{"register", "--home", home}, exitUsage, "--from is required"},
		{[]string{"run", "--home", home}, exitFailure, "assay-worker init"},
		{[]string{"init", "--home", home, "--set", "x"}, exitUsage, "section.key=value"},
		{[]string{"init", "--home", home, "--set", "chain.nodes=x"}, exitFailure, "unknown key"},
		{[]string{"init", "--home", home, "--set", "worker.lanes=many"}, exitFailure, "worker.lanes"},
	} {
		code, _, says := call(c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, says)
		require.Contains(t, says, c.says)
	}
}

func TestInitMakesAPrivateHome(t *testing.T) {
	home := filepath.Join(t.TempDir(), "w")
	code, out, says := call("init", "--home", home, "--output", "json", "--chain-id", "assay-test-7", "--beacon", "http://a:1,http://b:2",
		"--set", "worker.lanes=3", "--set", "blobs.allow_private_locators=true", "--set", "worker.poll_interval=1s", "--set", "devices.price=77", "--set", "devices.hourly_price=3600")
	require.Zero(t, code, says)
	var done initialised
	require.NoError(t, json.Unmarshal([]byte(out), &done))
	require.True(t, done.Created)
	require.True(t, strings.HasPrefix(done.HotKey, "assay1"))
	loaded, err := config.Load(home)
	require.NoError(t, err)
	require.Equal(t, "assay-test-7", loaded.Chain.ID)
	code, _, says = call("register", "--home", home, "--from", "operator", "--location", "91,0")
	require.Equal(t, exitUsage, code)
	require.Contains(t, says, "--location: devices.location is \"91,0\": location outside the grid: latitude is 91 degrees: it must be from -90 to 90")
	require.Equal(t, []string{"http://a:1", "http://b:2"}, loaded.Beacon.Endpoints)
	require.Equal(t, 3, loaded.Worker.Lanes)
	require.Equal(t, "77", loaded.Devices.Price)
	require.Equal(t, "3600", loaded.Devices.HourlyPrice)
	require.NoError(t, filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s is %s", path, info.Mode())
		return nil
	}))
	code, _, says = call("init", "--home", home)
	require.Equal(t, exitFailure, code)
	require.Contains(t, says, "--overwrite")
	code, out, _ = call("init", "--home", home, "--overwrite", "--output", "json")
	require.Zero(t, code)
	var again initialised
	require.NoError(t, json.Unmarshal([]byte(out), &again))
	require.False(t, again.Created)
	require.Equal(t, done.HotKey, again.HotKey)
}

func TestDoctorWithoutAChain(t *testing.T) {
	home := t.TempDir()
	code, _, says := call("init", "--home", home, "--node", "tcp://127.0.0.1:1")
	require.Zero(t, code, says)
	code, out, says := call("doctor", "--home", home, "--output", "json")
	require.Equal(t, exitUnhealthy, code, says)
	require.True(t, json.Valid([]byte(out)))
	require.Contains(t, out, `"name": "chain"`)
	code, out, _ = call("doctor", "--home", home)
	require.Equal(t, exitUnhealthy, code)
	for _, part := range []string{"DEVICE", "SCORE", "STORE AT", "KERNEL", "GMAC/S", "hot key", "cpu/portable", "connection refused", "back end cuda", "back end webgpu", "back end opencl"} {
		require.Contains(t, out, part)
	}
}

func TestModelsAreAddedFromAFolder(t *testing.T) {
	run, err := modeltest.Draw(modeltest.Tiny(1))
	require.NoError(t, err)
	from, home := setuptest.Model(t, run.Network), t.TempDir()
	code, _, says := call("init", "--home", home)
	require.Zero(t, code, says)
	code, _, says = call("models", "list", "--home", home)
	require.Equal(t, exitFailure, code)
	require.Contains(t, says, "no keys")
	code, out, says := call("models", "add", from, "--home", home)
	require.Zero(t, code, says)
	require.Contains(t, out, "development key, UNSAFE")
	code, out, says = call("models", "list", "--home", home, "--output", "json")
	require.Zero(t, code, says)
	var listed []modelLine
	require.NoError(t, json.Unmarshal([]byte(out), &listed))
	require.True(t, slices.ContainsFunc(listed, func(l modelLine) bool {
		return l.Circuit == statement.ModelCircuitID(run.Network.Hash()) && l.Development && len(l.KeyHash) == 64
	}))
	code, _, says = call("models", "add", t.TempDir(), "--home", home)
	require.Equal(t, exitFailure, code)
	require.Contains(t, says, "no keys")
	code, _, _ = call("models", "add", "--home", home)
	require.Equal(t, exitUsage, code)
}

func TestBackEndsAreChosenByName(t *testing.T) {
	home := t.TempDir()
	code, _, says := call("init", "--home", home, "--node", "tcp://127.0.0.1:1", "--set", `devices.backends=["cuda"]`)
	require.Zero(t, code, says)
	_, out, _ := call("doctor", "--home", home)
	require.Contains(t, out, "devices.backends leaves it out")
	code, _, says = call("init", "--home", t.TempDir(), "--set", `devices.backends=["cuda", "cuda"]`)
	require.NotZero(t, code)
	require.Contains(t, says, `devices.backends[1] is "cuda", must be the name of a back end, once`)
}

func TestBackendOfAModel(t *testing.T) {
	for model, want := range map[string]registrytypes.Backend{
		"NVIDIA L4": registrytypes.BACKEND_CUDA, "AMD Radeon RX 7900 XTX": registrytypes.BACKEND_ROCM,
		"Intel(R) Arc(TM) A770": registrytypes.BACKEND_ONEAPI, "Apple M3 Max": registrytypes.BACKEND_METAL,
	} {
		require.Equal(t, want, backendOf(model), model)
	}
}

func TestCrashHookOnlyOnDevelopmentChains(t *testing.T) {
	t.Setenv(crashVariable, "committed")
	step, err := crashStep("assay-local-1")
	require.NoError(t, err)
	require.EqualValues(t, "committed", step)
	_, err = crashStep("assay-1")
	require.ErrorContains(t, err, "refused")
	t.Setenv(crashVariable, "lunch")
	_, err = crashStep("assay-local-1")
	require.ErrorContains(t, err, "must be one of")
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		require.NotEmpty(t, cmd.Short, cmd.Name())
		require.Contains(t, cmd.Example, "assay-worker "+cmd.Name())
	}
}
