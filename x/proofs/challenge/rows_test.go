package challenge_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

func TestRowsNameTheRightRoots(t *testing.T) {
	trace := chain()
	trace.Samples = 3
	positions, statements, err := challenge.Rows(trace)
	require.NoError(t, err)
	require.Len(t, statements, 3)
	model, err := program.ModelOf(trace.Program, trace.Inputs)
	require.NoError(t, err)
	hash, err := model.Hash()
	require.NoError(t, err)
	for i, s := range statements {
		require.NoError(t, s.Validate())
		require.Equal(t, program.Position{Step: 1, Row: s.Row}, positions[i])
		require.EqualValues(t, i, s.Index)
		require.Equal(t, hash, s.Model)
		require.Equal(t, [3]byte{11, 20, 21}, [3]byte{s.RootX[31], s.Steps[0][31], s.Steps[1][31]})
		require.Equal(t, trace.Claim, s.Claim)
		require.Equal(t, trace.Seed, s.Seed)
	}
}

// Whatever a proof could be copied from changes every digest.
func TestRowsAreBoundToTheirPlace(t *testing.T) {
	original := chain()
	original.Samples = 4
	digests := func(t *testing.T, trace challenge.Trace) map[[32]byte]bool {
		_, statements, err := challenge.Rows(trace)
		require.NoError(t, err)
		all := map[[32]byte]bool{}
		for i := range statements {
			digest, err := statements[i].Digest()
			require.NoError(t, err)
			all[digest] = true
		}
		require.Len(t, all, 4)
		return all
	}
	before := digests(t, original)
	for name, change := range map[string]func(trace *challenge.Trace){
		"chain":   func(trace *challenge.Trace) { trace.Claim.ChainID = "assay-test-2" },
		"job":     func(trace *challenge.Trace) { trace.Claim.JobID++ },
		"attempt": func(trace *challenge.Trace) { trace.Claim.Attempt++ },
		"worker":  func(trace *challenge.Trace) { trace.Claim.Worker = []byte("other") },
		"seed":    func(trace *challenge.Trace) { trace.Seed[5]++ },
		"weights": func(trace *challenge.Trace) { trace.Inputs = [][]byte{root(99), root(11), root(12)} },
		"inputs":  func(trace *challenge.Trace) { trace.Inputs = [][]byte{root(10), root(99), root(12)} },
		"hidden":  func(trace *challenge.Trace) { trace.Steps = [][]byte{root(99), root(21)} },
		"result":  func(trace *challenge.Trace) { trace.Steps = [][]byte{root(20), root(99)} },
	} {
		changed := original
		change(&changed)
		for digest := range digests(t, changed) {
			require.False(t, before[digest], name)
		}
	}
}

func TestRowsOfWhatIsNoModel(t *testing.T) {
	for name, spoil := range map[string]func(trace *challenge.Trace){
		"too many": func(trace *challenge.Trace) { trace.Samples = 5 },
		"none":     func(trace *challenge.Trace) { trace.Samples = 0 },
		"roots":    func(trace *challenge.Trace) { trace.Steps = trace.Steps[:1] },
		"root":     func(trace *challenge.Trace) { trace.Steps[0] = bytes.Repeat([]byte{1}, 31) },
		"program":  func(trace *challenge.Trace) { trace.Program.Version = 0 },
		"fork":     func(trace *challenge.Trace) { trace.Program.Inputs[0].Cols, trace.Program.Steps[1].Input = 6, "x" },
	} {
		trace := chain()
		trace.Samples = 2
		spoil(&trace)
		_, _, err := challenge.Rows(trace)
		require.Error(t, err, name)
	}
}
