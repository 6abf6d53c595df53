package full_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
)

// chainRun finds a run of three steps whose last is int32.
func chainRun(t testing.TB) *run {
	for i := 0; ; i++ {
		r := drawRun(t, fmt.Sprint("chain ", i))
		if n := len(r.program.Steps); n == 3 && r.outputs[2].Int32 != nil {
			return r
		}
	}
}

// TestChainReplay presents a chain's proof for every chain that differs in one field, and other proofs for it.
func TestChainReplay(t *testing.T) {
	f := load(t, 0)
	p := chainRun(t).prove(t, f)
	require.NoError(t, full.VerifyChain(f.file.Key(), p.Chain, p.Proof))
	for name, change := range map[string]func(c *full.Chain){
		"digest":          func(c *full.Chain) { c.Digest[0] ^= 1 },
		"input rows":      func(c *full.Chain) { c.Inputs[0].Rows++ },
		"input columns":   func(c *full.Chain) { c.Inputs[0].Cols++ },
		"input":           func(c *full.Chain) { c.Inputs[0].Commitment = c.Links[0].Output },
		"no input":        func(c *full.Chain) { c.Inputs = nil },
		"more inputs":     func(c *full.Chain) { c.Inputs = append(c.Inputs, c.Inputs[0]) },
		"too many inputs": func(c *full.Chain) { c.Inputs = make([]full.Input, full.MaxInputs+1) },
		"no links":        func(c *full.Chain) { c.Links = nil },
		"too many links":  func(c *full.Chain) { c.Links = make([]full.Link, full.MaxLinks+1) },
		"fewer links":     func(c *full.Chain) { c.Links = c.Links[:2] },
		"swapped links":   func(c *full.Chain) { c.Links[0], c.Links[1] = c.Links[1], c.Links[0] },
		"operand":         func(c *full.Chain) { c.Links[1].Operand ^= 1 },
		"own output":      func(c *full.Chain) { c.Links[1].Operand = 2 },
		"negative":        func(c *full.Chain) { c.Links[1].Operand = -1 },
		"reads int32":     func(c *full.Chain) { c.Links = append(c.Links, c.Links[2]); c.Links[3].Operand = 3 },
		"rows of weights": func(c *full.Chain) { c.Links[0].N++ },
		"no rows":         func(c *full.Chain) { c.Links[0].N = 0 },
		"weights":         func(c *full.Chain) { c.Links[0].Weights = c.Links[1].Weights },
		"int32":           func(c *full.Chain) { c.Links[0].Int32, c.Links[0].Shift, c.Links[0].Relu = true, 0, false },
		"int8":            func(c *full.Chain) { c.Links[2].Int32, c.Links[2].Shift = false, 8 },
		"int32 shift":     func(c *full.Chain) { c.Links[2].Shift = 1 },
		"int32 relu":      func(c *full.Chain) { c.Links[2].Relu = true },
		"shift":           func(c *full.Chain) { c.Links[0].Shift++ },
		"no shift":        func(c *full.Chain) { c.Links[0].Shift = 0 },
		"long shift":      func(c *full.Chain) { c.Links[0].Shift = full.MaxShift + 1 },
		"relu":            func(c *full.Chain) { c.Links[0].Relu = !c.Links[0].Relu },
		"output":          func(c *full.Chain) { c.Links[0].Output = c.Inputs[0].Commitment },
		"last output":     func(c *full.Chain) { c.Links[2].Output = c.Links[1].Output },
		"no point":        func(c *full.Chain) { c.Links[1].Output = full.Commitment{0x80, 31: 4} },
	} {
		wrong := p.Chain
		wrong.Inputs, wrong.Links = append([]full.Input{}, p.Chain.Inputs...), append([]full.Link{}, p.Chain.Links...)
		change(&wrong)
		require.Error(t, full.VerifyChain(f.file.Key(), wrong, p.Proof), name)
	}
	for n := range len(p.Proof) {
		require.ErrorIs(t, full.VerifyChain(f.file.Key(), p.Chain, p.Proof[:n]), full.ErrProofEncoding)
	}
	require.ErrorIs(t, full.VerifyChain(f.file.Key(), p.Chain, append(bytes.Clone(p.Proof), 0)), full.ErrProofEncoding)
	// The last message of each link is settled with the others: no one of them may be wrong.
	end := 0
	for i := range p.Chain.Links {
		size := full.ChainProofSize(full.Chain{Inputs: p.Chain.Inputs, Links: p.Chain.Links[:i+1]})
		wrong := bytes.Clone(p.Proof)
		copy(wrong[size-32:size], wrong[:32])
		require.ErrorContains(t, full.VerifyChain(f.file.Key(), p.Chain, wrong), "do not open", i)
		require.Greater(t, size, end)
		end = size
	}
	require.Zero(t, full.ChainProofSize(full.Chain{}))
	require.Zero(t, full.ChainUnits(full.Chain{}))
	require.Positive(t, full.ChainUnits(p.Chain))
}

// TestChainBatch verifies chains together, and finds the wrong ones.
func TestChainBatch(t *testing.T) {
	f := load(t, 0)
	var batch []full.ClaimedChain
	for i := range 4 {
		p := drawRun(t, fmt.Sprint("batch ", i)).prove(t, f)
		batch = append(batch, full.ClaimedChain{Chain: p.Chain, Proof: p.Proof})
	}
	require.Equal(t, make([]error, 4), full.VerifyChainBatch(f.file.Key(), batch))
	require.Empty(t, full.VerifyChainBatch(f.file.Key(), nil))
	// The opening of one proof is replaced: everything but the pairings still holds.
	wrong := append([]full.ClaimedChain{}, batch...)
	wrong[1].Proof = bytes.Clone(wrong[1].Proof)
	copy(wrong[1].Proof[len(wrong[1].Proof)-32:], wrong[0].Proof[:32])
	wrong[2].Chain.Digest = sha256.Sum256([]byte("other"))
	verdicts := full.VerifyChainBatch(f.file.Key(), wrong)
	require.NoError(t, verdicts[0])
	require.ErrorContains(t, verdicts[1], "do not open")
	require.ErrorIs(t, verdicts[2], full.ErrProof)
	require.NoError(t, verdicts[3])
	require.ErrorIs(t, full.VerifyChainBatch(f.file.Key(), wrong[2:3])[0], full.ErrProof)
}
