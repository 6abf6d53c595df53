package daemon_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/daemon"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/machine"
	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const cardUUID = "GPU-5f7e0000-0000-0000-0000-000000000001"

// card is a GPU whose kernel is the processor's; it can begin to give wrong results.
type card struct {
	compute.Kernel
	products atomic.Int64
	spoil    atomic.Bool
}

func (c *card) Name() string { return "cuda/test" }

func (c *card) Product(ctx context.Context, p compute.Product, progress compute.Progress) error {
	c.products.Add(1)
	err := c.Kernel.Product(ctx, p, progress)
	if c.spoil.Load() && err == nil {
		p.C[0] ^= 1
	}
	return err
}

// Devices makes it a source of the hardware, as NVML is.
func (c *card) Devices(context.Context) ([]device.Device, error) {
	return []device.Device{{
		UUID: cardUUID, Model: "GeForce of the test", Class: registrytypes.DEVICE_CLASS_CONSUMER, Backend: registrytypes.BACKEND_CUDA, MemoryMiB: 8192,
	}}, nil
}

// Telemetry is that of a card that is warm.
func (c *card) Telemetry(context.Context, string) (device.Telemetry, error) {
	telemetry := device.Unknown()
	telemetry.TemperatureC, telemetry.PowerW = 78.4, 150
	return telemetry, nil
}

// withCard puts the card in the place of the machine's hardware.
func (s *stage) withCard() *card {
	kernels, err := compute.CPUs(1)
	require.NoError(s.t, err)
	c := &card{Kernel: kernels[0]}
	s.deps.Sources = []device.Source{c}
	onChain := func(string) registrytypes.Backend { return registrytypes.BACKEND_CUDA }
	s.deps.Backends = []machine.Backend{{Name: "cuda", Chain: onChain, Open: func(context.Context, machine.Site) ([]compute.Accelerator, error) {
		return []compute.Accelerator{{Kernel: c, UUID: cardUUID, Name: "card", Memory: 8 << 30, Close: func() error { return nil }}}, nil
	}}}
	return c
}

// TestCardServesJobs registers a GPU alone and gives it a job, which it computes; then it breaks, and a job that it has
// already is computed by the processor, right and paid.
func TestCardServesJobs(t *testing.T) {
	s := newStage(t)
	c := s.withCard()
	s.register()
	stop, end := s.start()
	before := c.products.Load()
	id := s.submit(actors.Small(t, 5))
	s.eventually("settled", func() bool { return s.job(id).State == markettypes.JOB_STATE_CLOSED })
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, s.job(id).CloseReason)
	require.Greater(t, c.products.Load(), before, "computed on the card")
	wanted := device.Device{UUID: cardUUID}.ID()
	require.Equal(t, wanted[:], s.job(id).Device)

	client, err := chain.NewClient(s.deps.Node, s.deps.Encoding, time.Minute)
	require.NoError(t, err)
	operator := sdk.MustAccAddressFromBech32(s.config.Chain.Operator)
	s.eventually("warm on the chain", func() bool {
		devices, err := client.Devices(context.Background(), operator)
		return err == nil && devices[0].Heat == registrytypes.HEAT_WARM
	})

	c.spoil.Store(true)
	id = s.submit(actors.Small(t, 6))
	s.eventually("settled", func() bool { return s.job(id).State == markettypes.JOB_STATE_CLOSED })
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, s.job(id).CloseReason, "no wrong result was committed")
	stop()
	require.NoError(t, <-end)
}

func TestDoctorShowsBackEnds(t *testing.T) {
	s := newStage(t)
	c := s.withCard()
	s.register()
	report, err := daemon.Doctor(context.Background(), s.config, s.deps)
	require.NoError(t, err)
	require.True(t, report.Healthy(), "%+v", report.Checks)
	require.Equal(t, machine.StatusUsed, report.Backends[0].Status)
	require.Positive(t, report.Backends[0].Accelerators[0].GMACs)
	require.True(t, report.Devices[0].Computes && report.Devices[0].Registered)
	require.Equal(t, "cuda/test", report.Devices[0].Kernel)
	require.Equal(t, "consumer", report.Devices[0].Class)
	require.Equal(t, "warm", report.Devices[0].Heat)
	for _, name := range []string{"temperature", "service"} {
		require.True(t, slices.ContainsFunc(report.Checks, func(c daemon.Check) bool { return c.Name == name }), name)
	}
	require.Empty(t, report.Devices[0].ModelKey, "the catalogue knows no such card")
	require.Equal(t, "int8", report.Devices[0].Quantisation, "it has 8 GiB")
	require.LessOrEqual(t, report.Devices[0].EdgeScore, uint32(50))
	require.True(t, slices.ContainsFunc(report.Checks, func(c daemon.Check) bool { return c.Name == "model" && c.Verdict == daemon.VerdictWarn }))
	last := report.Kernels[len(report.Kernels)-1]
	require.Equal(t, "cuda/test", last.Kernel)
	require.Equal(t, "card", last.Device)

	// Broken: nothing else computes for the registered device, and the configuration names the back end.
	c.spoil.Store(true)
	s.config.Devices.Backends = []string{"cuda"}
	report, err = daemon.Doctor(context.Background(), s.config, s.deps)
	require.NoError(t, err)
	require.False(t, report.Healthy())
	require.Contains(t, report.Backends[0].Accelerators[0].Reason, "wrong result")
	require.Empty(t, report.Devices[0].Kernel)
}
