package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/types"
)

// A liar that reveals last sees that all others differ from it. It saves nothing by being silent then, nor does who has committed to a
// result that it doesn't know.
func TestSilenceAtTheRevealCostsWhatALostDifferenceDoes(t *testing.T) {
	lost := int64(0)
	for _, last := range []part{liar, liar.until(types.JOB_STATE_REVEALING), {blob: resultBlob, copies: true}} {
		f := newFixture(t)
		f.workers(3)
		id := f.replicating(3, 2).Id
		parts := f.parts(id, honest, honest, last)
		liars := f.round(id).Replicas[2].Worker
		f.play(id, parts)
		f.requireState(id, types.JOB_STATE_REVEALING)
		for _, replica := range f.round(id).Replicas[:2] { // It knows their results from here on.
			require.NoError(t, f.revealErr(f.revealMsg(f.job(id), replica.Worker, resultBlob)))
		}
		f.requireState(id, types.JOB_STATE_REVEALING)
		f.playOut(id, parts)
		f.requireState(id, types.JOB_STATE_PROVEN)
		slashed := f.slashed(liars).Int64()
		require.EqualValues(t, 20*assay, slashed)
		require.True(t, lost == 0 || lost == slashed, "%d, and %d by another way", slashed, lost)
		lost = slashed
		f.wait(101)
		require.EqualValues(t, 2*price, f.job(id).Paid.Int64(), "the two others are paid")
	}
}
