package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/command"
	"github.com/assaychain/assay/offchain-worker/certificate"
	"github.com/assaychain/assay/offchain-worker/certificate/certificatetest"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/formats/safetensors"
	"github.com/assaychain/assay/offchain-worker/model"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"assayd": assayd})
}

// assayd is the program's main function, which can't be imported.
func assayd() {
	root, err := command.NewRoot()
	if err == nil {
		err = svrcmd.Execute(root, "ASSAYD", app.DefaultNodeHome)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "assayd:", err)
		os.Exit(command.ExitCode(err))
	}
}

// TestJob runs the scripts of the customer's commands. They need no chain.
func TestJob(t *testing.T) {
	files := t.TempDir()
	writeArrays(t, files)
	writeNetworks(t, files)
	writeCertificate(t, files)
	runScripts(t, "job", files)
}

// TestLease runs the scripts of the commands of rentals. They need no chain: whatever is refused is refused before one is asked.
func TestLease(t *testing.T) { runScripts(t, "lease", t.TempDir()) }

// runScripts runs a folder of scripts, each in a copy of a folder of files.
func runScripts(t *testing.T, folder, files string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", folder),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return os.CopyFS(env.WorkDir, os.DirFS(files))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCode},
	})
}

// TestCommandsExplainThemselves: every command that does something says what, with an example of itself.
func TestCommandsExplainThemselves(t *testing.T) {
	root, err := command.NewRoot()
	require.NoError(t, err)
	explained := 0
	var explain func(*cobra.Command)
	explain = func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		for _, child := range cmd.Commands() {
			explain(child)
		}
		if !cmd.HasSubCommands() {
			require.Contains(t, cmd.Example, cmd.CommandPath()+" ")
			explained++
		}
	}
	for name, commands := range map[string]int{"job": 14, "lease": 13, "circuits": 13} {
		parent, _, err := root.Find([]string{name})
		require.NoError(t, err)
		explained = 0
		explain(parent)
		require.Equal(t, commands, explained, name)
	}
}

// exitCode runs a program that must end with a code: exitcode 2 assayd job ...
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE program [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit interface{ ExitCode() int }
	if err != nil && !asExit(err, &exit) {
		ts.Fatalf("%v", err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func asExit(err error, into *interface{ ExitCode() int }) (ok bool) {
	*into, ok = err.(interface{ ExitCode() int })
	return ok
}

func array[T npy.Number](t *testing.T, path string, shape []int, values []T) {
	t.Helper()
	a, err := npy.New(shape, values)
	require.NoError(t, err)
	require.NoError(t, npy.WriteFile(path, a))
}

// writeArrays makes matrices good and bad.
func writeArrays(t *testing.T, dir string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(dir, name) }
	array(t, at("a.npy"), []int{2, 3}, []int8{1, 2, 3, 4, 5, 6})
	array(t, at("b.npy"), []int{3, 2}, []int8{1, 2, 3, 4, 5, 6})
	array(t, at("floats.npy"), []int{2, 3}, []float32{1, 2, 3, 4, 5, 6})
	array(t, at("nan.npy"), []int{1, 2}, []float64{1, nan()})
	array(t, at("wide.npy"), []int{1, 4097}, make([]int8, 4097))
	array(t, at("high.npy"), []int{4097, 1}, make([]int8, 4097))
	array(t, at("vector.npy"), []int{3}, []int8{1, 2, 3})
	array(t, at("int64.npy"), []int{2, 3}, make([]int64, 6))
	array(t, at("images.npy"), []int{4, 3, 2}, make([]uint8, 24))
	good, err := os.ReadFile(at("a.npy"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(at("short.npy"), good[:len(good)-1], 0o600))
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

// writeNetworks makes a network of 6 inputs, 4 and 3 outputs, and bad variants of it.
func writeNetworks(t *testing.T, dir string) {
	t.Helper()
	network := func(change func(*safetensors.File)) *safetensors.File {
		file := &safetensors.File{Metadata: map[string]string{"format": model.Format}, Tensors: map[string]*safetensors.Tensor{}}
		add := func(i, rows, cols int, activation, output, shift string) {
			layer := fmt.Sprintf("layers.%d.", i)
			file.Tensors[layer+"weight"] = values(t, []int{rows, cols}, make([]int8, rows*cols))
			file.Tensors[layer+"bias"] = values(t, []int{rows}, make([]int32, rows))
			ones := make([]uint32, rows)
			for r := range ones {
				ones[r] = 1
			}
			file.Tensors[layer+"multiplier"] = values(t, []int{rows}, ones)
			file.Metadata[layer+"activation"], file.Metadata[layer+"output"], file.Metadata[layer+"shift"] = activation, output, shift
		}
		add(0, 4, 6, "relu", "int8", "7")
		add(1, 3, 4, "identity", "int32", "0")
		if change != nil {
			change(file)
		}
		return file
	}
	for name, change := range map[string]func(*safetensors.File){
		"good": nil,
		"float": func(f *safetensors.File) {
			f.Tensors["layers.0.weight"] = values(t, []int{4, 6}, make([]float32, 24))
		},
		"unchained": func(f *safetensors.File) { f.Tensors["layers.1.weight"] = values(t, []int{3, 5}, make([]int8, 15)) },
		"wide": func(f *safetensors.File) {
			f.Tensors["layers.0.weight"] = values(t, []int{4, 4097}, make([]int8, 16388))
		},
		"other": func(f *safetensors.File) { f.Metadata["format"] = "float-v0" },
	} {
		require.NoError(t, safetensors.WriteFile(filepath.Join(dir, name+".safetensors"), network(change)))
	}
	good, err := os.ReadFile(filepath.Join(dir, "good.safetensors"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "truncated.safetensors"), good[:len(good)-1], 0o600))
}

func values[T safetensors.Number](t *testing.T, shape []int, v []T) *safetensors.Tensor {
	t.Helper()
	one, err := safetensors.New(shape, v)
	require.NoError(t, err)
	return one
}

// writeCertificate makes a real certificate with its genesis and its result, and spoilt copies.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(dir, name) }
	node := certificatetest.New(t)
	c, err := certificate.Collect(t.Context(), node, node.JobID)
	require.NoError(t, err)
	require.NoError(t, c.WriteFile(at("certificate.json")))
	require.NoError(t, os.WriteFile(at("genesis.json"), node.Genesis, 0o600))
	result, err := model.Array(node.Result)
	require.NoError(t, err)
	require.NoError(t, npy.WriteFile(at("result.npy"), result))
	signed, err := node.Commit(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(at("block-hash"), []byte(signed.Header.Hash().String()), 0o600))

	c.Proofs[0], c.Proofs[1] = c.Proofs[1], c.Proofs[0]
	require.NoError(t, c.WriteFile(at("swapped.json")))
	c.Proofs[0], c.Proofs[1] = c.Proofs[1], c.Proofs[0]
	c.Round.Signature[7] ^= 1
	require.NoError(t, c.WriteFile(at("round.json")))
	writeRevealed(t, at)
	writeFull(t, at)
	array(t, at("wrong.npy"), []int{int(node.Result.Rows), int(node.Result.Cols)}, make([]int32, len(node.Result.Int32)))
}

// writeRevealed makes a certificate whose openings are in the clear, and a copy in which one value was changed.
func writeRevealed(t *testing.T, at func(string) string) {
	t.Helper()
	node := certificatetest.NewAt(t, markettypes.ASSURANCE_REVEALED)
	c, err := certificate.Collect(t.Context(), node, node.JobID)
	require.NoError(t, err)
	require.NoError(t, c.WriteFile(at("revealed.json")))
	require.NoError(t, os.WriteFile(at("revealed-genesis.json"), node.Genesis, 0o600))
	c.Proofs[1][0]++
	require.NoError(t, c.WriteFile(at("revealed-false.json")))
}

// writeFull makes a certificate at the level full with its result, and the reference string that checks it.
func writeFull(t *testing.T, at func(string) string) {
	t.Helper()
	node := certificatetest.NewAt(t, markettypes.ASSURANCE_FULL)
	c, err := certificate.Collect(t.Context(), node, node.JobID)
	require.NoError(t, err)
	require.NoError(t, c.WriteFile(at("full.json")))
	require.NoError(t, os.WriteFile(at("full-genesis.json"), node.Genesis, 0o600))
	result, err := model.Array(node.Result)
	require.NoError(t, err)
	require.NoError(t, npy.WriteFile(at("full-result.npy"), result))
	content, err := os.ReadFile(fulltest.String(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(at("tests.srs"), content, 0o600))
}
