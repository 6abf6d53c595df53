package metrics

import (
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/runner"
)

func TestFiguresAreServed(t *testing.T) {
	m := New()
	m.Stepped(journal.StepExecuted, 2*time.Second)
	m.Stepped(journal.StepCommitted, 0)
	m.Finished(runner.OutcomePaid)
	m.Sent(sdk.NewCoins(sdk.NewInt64Coin("uassay", 1500)))
	m.Relayed()
	m.SetActive(3)
	m.SetBlobBytes(99)
	m.SetRate(5e9)
	m.SetMissingGrants(2)
	telemetry := device.Unknown()
	telemetry.TemperatureC = 51
	m.SetTelemetry(device.Device{Model: "cpu"}, "ab", telemetry)
	server := httptest.NewServer(m.Handler())
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	for _, line := range []string{
		`assay_worker_steps_total{step="executed"} 1`, `assay_worker_step_seconds_sum{step="executed"} 2`,
		`assay_worker_attempts_total{outcome="paid"} 1`, `assay_worker_transactions_total 1`, `assay_worker_fees_total{denom="uassay"} 1500`,
		`assay_worker_rounds_relayed_total 1`, `assay_worker_attempts_active 3`, `assay_worker_blob_bytes 99`, `assay_worker_compute_gmacs 5`, `assay_worker_missing_grants 2`,
		`assay_worker_device{device="ab",figure="temperature_celsius",model="cpu"} 51`, `go_goroutines`,
	} {
		require.Contains(t, string(body), line)
	}
	require.NotContains(t, string(body), "power_watts", "figures that are not given are absent")
	require.NotContains(t, string(body), `step_seconds_sum{step="committed"}`)
}
