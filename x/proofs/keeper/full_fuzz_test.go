package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/proofs/full"
	"github.com/assaychain/assay/x/proofs/program"
)

// FuzzFullAdmit hands any bytes in as the proofs of a job, or of any other program, however they are cut: what is admitted has the
// lengths of the links and gets a verdict, everything else is refused, and the gas is taken before a byte is decoded.
func FuzzFullAdmit(f *testing.F) {
	chain, honest := fullFixture(f), proveJob(f, program.DATA_TYPE_INT8)
	system := chain.keeper.Full()
	encoded, err := honest.Program.Encode()
	require.NoError(f, err)
	joined := append(append([]byte{}, honest.proofs[0]...), honest.proofs[1]...)
	f.Add(encoded, joined, uint32(len(honest.proofs[0])), uint8(2))
	f.Add(encoded, joined[:len(joined)-1], uint32(len(honest.proofs[0])), uint8(2))
	f.Add(encoded[1:], joined, uint32(1), uint8(1))
	f.Fuzz(func(t *testing.T, rawProgram, raw []byte, cut uint32, samples uint8) {
		trace := honest.Trace
		if p, err := program.Decode(rawProgram); err == nil {
			trace.Program = p
		}
		trace.Samples = uint32(samples)
		at := int(cut) % (len(raw) + 1)
		proofs := [][]byte{raw[:at], raw[at:]}
		ctx, meter := chain.metered()
		if err := system.Admit(ctx, trace, proofs); err != nil {
			return
		}
		units, err := system.Units(trace)
		require.NoError(t, err)
		require.Greater(t, meter.GasConsumed(), units)
		size, err := system.Bytes(trace.Work)
		require.NoError(t, err)
		require.EqualValues(t, len(raw), size)
		if len(trace.Program.Inputs) != len(trace.Inputs) {
			return // A program that is not the one of these roots.
		}
		valid, err := system.Verify(chain.ctx, trace, proofs)
		if err == nil && valid {
			require.Equal(t, joined, raw)
			require.Equal(t, honest.Program, trace.Program)
			statement := full.StepProofSize(full.Step{M: 3, N: 2, K: 5, Shift: 6, Relu: true})
			require.Equal(t, statement, at)
		}
	})
}
