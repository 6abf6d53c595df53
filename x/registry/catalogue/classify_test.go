package catalogue_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/catalogue"
)

// figure draws small numbers, large ones and none.
func figure(limit uint64) *rapid.Generator[uint64] {
	return rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64Range(0, 1_000), rapid.Uint64Range(0, limit))
}

func figures() *rapid.Generator[catalogue.Figures] {
	return rapid.Custom(func(t *rapid.T) catalogue.Figures {
		return catalogue.Figures{
			MemoryMiB: uint32(figure(catalogue.MaxMemoryMiB).Draw(t, "memory")), FP32: figure(catalogue.MaxThroughput).Draw(t, "fp32"),
			FP16: figure(catalogue.MaxThroughput).Draw(t, "fp16"), INT8: figure(catalogue.MaxThroughput).Draw(t, "int8"),
			BandwidthMBps: figure(catalogue.MaxBandwidth).Draw(t, "bandwidth"),
		}
	})
}

// report draws what a device may say, of models that are known, hinted at or neither.
func report() *rapid.Generator[catalogue.Report] {
	return rapid.Custom(func(t *rapid.T) catalogue.Report {
		return catalogue.Report{
			Name: rapid.OneOf(rapid.SampledFrom([]string{
				"NVIDIA GeForce RTX 4090", "NVIDIA H100 80GB HBM3", "Jetson Nano", "Apple A14 GPU", "Adreno 900", "Orin", "H900",
			}), rapid.String()).Draw(t, "name"),
			MemoryMiB:   uint32(figure(1<<20).Draw(t, "memory")),
			Accelerated: rapid.Bool().Draw(t, "accelerated"),
			GMACs:       figure(1<<62).Draw(t, "gmacs"),
		}
	})
}

func TestMoreNeverLowersTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		less, more := figures().Draw(t, "figures"), figures().Draw(t, "added")
		more.MemoryMiB += less.MemoryMiB
		more.FP32, more.FP16, more.INT8 = more.FP32+less.FP32, more.FP16+less.FP16, more.INT8+less.INT8
		more.BandwidthMBps += less.BandwidthMBps
		require.LessOrEqual(t, less.Score(), more.Score())
		require.LessOrEqual(t, more.Score(), uint32(100))
		// More memory, all else alike, never calls for a coarser precision.
		wider := less
		wider.MemoryMiB = more.MemoryMiB
		require.LessOrEqual(t, less.Quantisation(), wider.Quantisation())
	})
}

func TestScoreReachesBothEnds(t *testing.T) {
	require.Zero(t, catalogue.Figures{}.Score())
	require.Equal(t, uint32(100), catalogue.Figures{MemoryMiB: 128 << 10, INT8: 2_000_000, BandwidthMBps: 4_000_000}.Score())
	// Each part counts by its weight alone.
	require.Equal(t, uint32(50), catalogue.Figures{FP32: 2_000_000}.Score())
	require.Equal(t, uint32(30), catalogue.Figures{MemoryMiB: 128 << 10}.Score())
	require.Equal(t, uint32(20), catalogue.Figures{BandwidthMBps: 4_000_000}.Score())
}

// TestUnknownDevicesAreTakenForLittle: never for more than what they report, nor for a datacentre's; and reporting more never makes
// less of them.
func TestUnknownDevicesAreTakenForLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		less := report().Draw(t, "report")
		verdict := catalogue.Conservative(less)
		require.False(t, verdict.Known)
		require.Less(t, verdict.Class, catalogue.Datacentre)
		require.LessOrEqual(t, verdict.Score, uint32(catalogue.UnknownScore))
		require.NotEqual(t, catalogue.FP16, verdict.Quantisation)
		require.Equal(t, less.Accelerated, verdict.Class != catalogue.CPU)
		if verdict.Class == catalogue.Consumer {
			require.GreaterOrEqual(t, less.MemoryMiB, uint32(catalogue.ConsumerMemoryMiB))
			require.True(t, less.GMACs == 0 || less.GMACs >= catalogue.ConsumerGMACs)
		}
		more := less
		more.MemoryMiB += uint32(figure(1<<20).Draw(t, "more memory"))
		if less.GMACs > 0 {
			more.GMACs += figure(1<<62).Draw(t, "more speed")
		}
		higher := catalogue.Conservative(more)
		require.GreaterOrEqual(t, higher.Class.Rank(), verdict.Class.Rank())
		require.GreaterOrEqual(t, higher.Score, verdict.Score)
		require.GreaterOrEqual(t, higher.Quantisation, verdict.Quantisation)
	})
}

// TestKnownDevicesAreTheirModel: the class is the model's whatever is reported, and memory counts up to what is reported and what the
// model has.
func TestKnownDevicesAreTheirModel(t *testing.T) {
	c := catalogue.Embedded()
	rapid.Check(t, func(t *rapid.T) {
		model := rapid.SampledFrom(c.Models()).Draw(t, "model")
		name := rapid.SampledFrom(append([]string{model.Name}, model.Aliases...)).Draw(t, "name")
		memory := uint32(figure(1<<20).Draw(t, "memory"))
		verdict := c.Classify(catalogue.Report{Name: strings.ToUpper(name), MemoryMiB: memory, Accelerated: true, GMACs: 1})
		require.Equal(t, catalogue.Verdict{
			Known: true, Key: model.Key, Class: model.Class, Score: verdict.Score, Quantisation: verdict.Quantisation,
		}, verdict)
		whole := model.Classify(0)
		if model.MemoryMiB > 0 {
			require.LessOrEqual(t, verdict.Score, whole.Score)
			require.Equal(t, whole, model.Classify(model.MemoryMiB))
		}
		require.LessOrEqual(t, verdict.Score, model.Classify(memory|1<<30).Score)
		// Driven as a processor it is one, whatever it is called.
		require.Equal(t, catalogue.CPU, c.Classify(catalogue.Report{Name: name, MemoryMiB: memory}).Class)
	})
}

func TestRanks(t *testing.T) {
	require.Zero(t, catalogue.Class(0).Rank())
	require.Zero(t, catalogue.Class(6).Rank())
	require.Equal(t, catalogue.CPU.Rank(), catalogue.Edge.Rank())
	require.Less(t, catalogue.Mobile.Rank(), catalogue.Edge.Rank())
	require.Less(t, catalogue.Edge.Rank(), catalogue.Consumer.Rank())
	require.Less(t, catalogue.Consumer.Rank(), catalogue.Datacentre.Rank())
}

func TestNames(t *testing.T) {
	require.Equal(t, "consumer", catalogue.Consumer.String())
	require.Equal(t, "class 9", catalogue.Class(9).String())
	require.Equal(t, "oneapi", catalogue.BackendOneAPI.String())
	require.Equal(t, "backend 0", catalogue.Backend(0).String())
	require.Equal(t, []string{"none", "int4", "int8", "fp16"}, []string{
		catalogue.Quantisation(0).String(), catalogue.INT4.String(), catalogue.INT8.String(), catalogue.FP16.String(),
	})
}
