package setup_test

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/circuits/opening"
	"github.com/assaychain/assay/x/proofs/circuits/opening/openingtest"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/verify"
)

var wide = flag.Bool("wide", false, "make keys of the classes 2048 and 4096 and prove with them, which takes a minute")

// TestWideKeys makes keys of the wide classes beside none of the others, proves the widest row of each, and makes the default keys
// beside them. Without the flag it only asks for a class that does not exist.
func TestWideKeys(t *testing.T) {
	_, err := circuits.Of(8192)
	require.ErrorContains(t, err, "class 8192")
	if !*wide {
		return
	}
	chosen, err := circuits.Of(2048, 4096)
	require.NoError(t, err)
	dir := t.TempDir()
	before := cpuTime(t)
	_, err = setup.MakeOf(dir, chosen, nil)
	require.NoError(t, err)
	t.Logf("keys of two classes made in %s of CPU time", (cpuTime(t) - before).Round(time.Second))
	keys, err := setup.Open(dir)
	require.NoError(t, err)
	require.Equal(t, chosen, keys.Circuits())
	for _, circuit := range chosen {
		proveWidest(t, keys, circuit)
	}
	entries, err := setup.Make(dir, nil)
	require.NoError(t, err)
	require.Len(t, entries, 4, "keys that are there stay")
}

func proveWidest(t *testing.T, keys *setup.Keys, circuit circuits.Circuit) {
	t.Helper()
	step, err := openingtest.Draw(openingtest.Spec{
		Seed: 1, M: 3, N: 5, K: circuit.Class, Shift: 30, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8, Extreme: true,
	})
	require.NoError(t, err)
	statement, openings, err := step.At(1, 4, 0)
	require.NoError(t, err)
	full, err := opening.Witness(statement, openings)
	require.NoError(t, err)
	provingKey, err := keys.LoadProvingKey(circuit.ID)
	require.NoError(t, err)
	system, err := setup.Compile(circuit)
	require.NoError(t, err)
	before := cpuTime(t)
	proof, err := provingKey.Prove(system, full)
	require.NoError(t, err)
	t.Logf("class %d: %d constraints, proven in %s of CPU time", circuit.Class, circuit.Constraints, (cpuTime(t) - before).Round(time.Millisecond))
	raw, err := keys.LoadVerifyingKey(circuit.ID)
	require.NoError(t, err)
	verifier, err := verify.New(circuit.Class, raw)
	require.NoError(t, err)
	require.NoError(t, verifier.Openings([]verify.Opening{{Statement: statement, Proof: proof}})[0])
	moved := *statement
	moved.Col--
	require.Error(t, verifier.Openings([]verify.Opening{{Statement: &moved, Proof: proof}})[0])
}
