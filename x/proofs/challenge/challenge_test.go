package challenge_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/statement"
)

func root(n byte) []byte { return append(make([]byte, 31), n) }

// chain is y = x·a, z = y·b, with b declared before a so that indexes can't be mixed up unseen.
func chain() challenge.Trace {
	plain := func(kind program.TensorKind, name string, rows, cols uint32) program.Tensor {
		return program.Tensor{Name: name, Kind: kind, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: cols}
	}
	return challenge.Trace{
		Claim: program.Claim{ChainID: "assay-test-1", JobID: 7, Attempt: 2, Worker: []byte("worker")},
		Seed:  [32]byte{1, 2, 3},
		Work: challenge.Work{Samples: 64, Inputs: [][]byte{root(10), root(11), root(12)}, Program: program.Program{
			Version: 1,
			Inputs: []program.Tensor{
				plain(program.TENSOR_KIND_WEIGHT, "b", 3, 5), plain(program.TENSOR_KIND_PLAIN, "x", 4, 6), plain(program.TENSOR_KIND_WEIGHT, "a", 5, 6),
			},
			Steps: []program.DenseStep{
				{Input: "x", Weight: "a", Output: "y", Shift: 3, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8},
				{Input: "y", Weight: "b", Output: "z", Activation: program.ACTIVATION_IDENTITY, OutputType: program.DATA_TYPE_INT32},
			},
		}},
		Steps: [][]byte{root(20), root(21)},
	}
}

func TestStatementsNameTheRightRoots(t *testing.T) {
	trace := chain()
	positions, statements, err := challenge.Statements(trace)
	require.NoError(t, err)
	require.Len(t, statements, 64)
	seen := map[uint32]int{}
	for i, s := range statements {
		p := positions[i]
		seen[p.Step]++
		require.NoError(t, s.Validate())
		require.EqualValues(t, i, s.Index)
		require.Equal(t, [2]uint32{p.Row, p.Col}, [2]uint32{s.Row, s.Col})
		if p.Step == 0 {
			require.Equal(t, [3]byte{11, 12, 20}, [3]byte{s.RootX[31], s.RootW[31], s.RootY[31]})
			require.Equal(t, [3]uint32{6, 5, 3}, [3]uint32{s.K, s.OutputCols, s.Shift})
		} else {
			require.Equal(t, [3]byte{20, 10, 21}, [3]byte{s.RootX[31], s.RootW[31], s.RootY[31]})
			require.Equal(t, [3]uint32{5, 3, 0}, [3]uint32{s.K, s.OutputCols, s.Shift})
		}
	}
	require.Len(t, seen, 2, "both steps are sampled")
}

// Whatever a proof could be copied from changes every digest.
func TestEveryPartIsBound(t *testing.T) {
	digests := func(trace challenge.Trace) [][]byte {
		_, statements, err := challenge.Statements(trace)
		require.NoError(t, err)
		out := make([][]byte, len(statements))
		for i := range statements {
			d, err := statements[i].Digest()
			require.NoError(t, err)
			out[i] = d[:]
		}
		return out
	}
	base := digests(chain())
	for name, change := range map[string]func(*challenge.Trace){
		"chain":   func(c *challenge.Trace) { c.Claim.ChainID = "assay-test-2" },
		"job":     func(c *challenge.Trace) { c.Claim.JobID++ },
		"attempt": func(c *challenge.Trace) { c.Claim.Attempt++ },
		"worker":  func(c *challenge.Trace) { c.Claim.Worker = []byte("rekrow") },
		"seed":    func(c *challenge.Trace) { c.Seed[31]++ },
	} {
		trace := chain()
		change(&trace)
		for i, d := range digests(trace) {
			require.False(t, bytes.Equal(base[i], d), "%s, position %d", name, i)
		}
	}
	again := digests(chain())
	require.Equal(t, base, again)
}

func TestTracesThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*challenge.Trace){
		"input missing":  func(c *challenge.Trace) { c.Inputs = c.Inputs[:2] },
		"step too many":  func(c *challenge.Trace) { c.Steps = append(c.Steps, root(9)) },
		"short root":     func(c *challenge.Trace) { c.Steps[1] = c.Steps[1][:31] },
		"no samples":     func(c *challenge.Trace) { c.Samples = 0 },
		"broken program": func(c *challenge.Trace) { c.Program.Steps[0].Shift = 0 },
	} {
		trace := chain()
		change(&trace)
		_, _, err := challenge.Statements(trace)
		require.Error(t, err, name)
	}
}

// A dispute is about the entry it names, and shares no statement with a drawn position or another dispute.
func TestDisputesNameOneEntry(t *testing.T) {
	trace := chain()
	drawn, statements, err := challenge.Statements(trace)
	require.NoError(t, err)
	type asked struct {
		number uint32
		at     program.Position
	}
	seen := map[[32]byte]asked{}
	note := func(s *statement.Statement, a asked) {
		digest, err := s.Digest()
		require.NoError(t, err)
		if a.number > 0 {
			before, taken := seen[digest]
			require.True(t, !taken || before == a, "%v has the digest of %v", a, before)
		}
		seen[digest] = a
	}
	for i := range statements {
		note(&statements[i], asked{0, drawn[i]})
	}
	for number := uint32(1); number <= 3; number++ {
		for _, at := range drawn {
			narrowed, err := trace.Dispute(number, at)
			require.NoError(t, err)
			positions, named, err := challenge.Statements(narrowed)
			require.NoError(t, err)
			require.Equal(t, []program.Position{at}, positions)
			require.Len(t, named, 1)
			note(&named[0], asked{number, at})
		}
	}
	require.EqualValues(t, 64, trace.Samples, "the trace itself stays as it is")
}

func TestDisputesThatAreRefused(t *testing.T) {
	for _, at := range []program.Position{{Step: 2}, {Row: 4}, {Col: 5}, {Step: 1, Col: 3}} {
		_, err := chain().Dispute(1, at)
		require.ErrorIs(t, err, program.ErrArgument, "%v", at)
	}
	trace := chain()
	trace.Named = []program.Position{{}}
	_, _, err := challenge.Statements(trace)
	require.ErrorIs(t, err, challenge.ErrTrace, "one position, 64 samples")
	trace.Samples, trace.Named[0].Row = 1, 4
	_, _, err = challenge.Statements(trace)
	require.ErrorIs(t, err, program.ErrArgument)
}
