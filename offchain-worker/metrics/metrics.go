// Package metrics counts what a worker does, for Prometheus.
package metrics

import (
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/runner"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const namespace = "assay_worker"

// Metrics are a worker's figures, in a registry of their own.
type Metrics struct {
	registry *prometheus.Registry
	steps    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	outcomes *prometheus.CounterVec
	txs      prometheus.Counter
	fees     *prometheus.CounterVec
	rounds   prometheus.Counter
	active   prometheus.Gauge
	blobs    prometheus.Gauge
	gmacs    prometheus.Gauge
	devices  *prometheus.GaugeVec
	kernels  *prometheus.GaugeVec
	checks   *prometheus.CounterVec
	computed prometheus.Gauge
	reports  *prometheus.CounterVec
	grants   prometheus.Gauge
}

var _ runner.Observer = (*Metrics)(nil)

// New makes the figures, all zero.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		steps:    counters("steps_total", "Journalled steps by name.", "step"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "step_seconds", Help: "Time that the work of a step took.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 10),
		}, []string{"step"}),
		outcomes: counters("attempts_total", "Attempts that ended, by outcome.", "outcome"),
		txs:      counter("transactions_total", "Transactions that the mempool took."),
		fees:     counters("fees_total", "Fees offered, by denomination.", "denom"),
		rounds:   counter("rounds_relayed_total", "Beacon rounds relayed."),
		active:   gauge("attempts_active", "Attempts in work."),
		blobs:    gauge("blob_bytes", "Bytes of inputs and outputs on the disk."),
		checks:   counters("spot_checks_total", "Spot checks that ended, by how.", "state"),
		computed: gauge("spot_check_seconds", "Time that the products of the last spot check took."),
		reports:  counters("telemetry_reports_total", "Reports of devices' condition to the chain, by whether they had an effect.", "effect"),
		grants:   gauge("missing_grants", "Messages that the hot key must be granted for its work and is not: the devices are not offered while there are any."),
		gmacs:    gauge("compute_gmacs", "Measured speed of the processor in 10^9 multiply-accumulates a second."),
		devices: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "device", Help: "Condition of a device, by figure; figures the driver does not give are absent.",
		}, []string{"model", "device", "figure"}),
		kernels: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "kernel", Help: "What the kernel of an accelerator did since the start, by figure; every result is checked.",
		}, []string{"model", "device", "figure"}),
	}
	m.registry.MustRegister(m.steps, m.seconds, m.outcomes, m.txs, m.fees, m.rounds, m.active, m.blobs, m.gmacs, m.devices, m.kernels, m.checks, m.computed, m.reports, m.grants,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counters(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, []string{label})
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

// Handler serves the figures.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Stepped counts a step and, where it took any, its time.
func (m *Metrics) Stepped(step journal.Step, took time.Duration) {
	m.steps.WithLabelValues(string(step)).Inc()
	if took > 0 {
		m.seconds.WithLabelValues(string(step)).Observe(took.Seconds())
	}
}

// Finished counts an attempt.
func (m *Metrics) Finished(outcome runner.Outcome) { m.outcomes.WithLabelValues(string(outcome)).Inc() }

// Sent counts a transaction and its fee.
func (m *Metrics) Sent(fee sdk.Coins) {
	m.txs.Inc()
	for _, coin := range fee {
		amount, _ := new(big.Float).SetInt(coin.Amount.BigInt()).Float64()
		m.fees.WithLabelValues(coin.Denom).Add(amount)
	}
}

// CheckComputed tells how long a spot check's products took.
func (m *Metrics) CheckComputed(took time.Duration) { m.computed.Set(took.Seconds()) }

// Reported counts a report of a device's condition.
func (m *Metrics) Reported(effect bool) { m.reports.WithLabelValues(strconv.FormatBool(effect)).Inc() }

// SetMissingGrants tells how many of the grants that its work needs the hot key lacks.
func (m *Metrics) SetMissingGrants(missing int) { m.grants.Set(float64(missing)) }

// CheckEnded counts a spot check.
func (m *Metrics) CheckEnded(state registrytypes.CheckState) {
	m.checks.WithLabelValues(strings.ToLower(strings.TrimPrefix(state.String(), "CHECK_STATE_"))).Inc()
}

// Relayed counts a beacon round.
func (m *Metrics) Relayed() { m.rounds.Inc() }

// SetActive tells how many attempts are in work.
func (m *Metrics) SetActive(attempts int) { m.active.Set(float64(attempts)) }

// SetBlobBytes tells how full the disk's quota is.
func (m *Metrics) SetBlobBytes(bytes uint64) { m.blobs.Set(float64(bytes)) }

// SetKernel tells what the checked kernel of a device did.
func (m *Metrics) SetKernel(model, id string, stats compute.CheckStats) {
	retired := 0.0
	if stats.Retired {
		retired = 1
	}
	for figure, value := range map[string]float64{
		"dispatches": float64(stats.Dispatches), "wrong_results": float64(stats.Wrong), "failures": float64(stats.Failed),
		"computing_seconds": stats.Computing.Seconds(), "checking_seconds": stats.Checking.Seconds(),
		"longest_dispatch_seconds": stats.Longest.Seconds(), "retired": retired,
	} {
		m.kernels.WithLabelValues(model, id, figure).Set(value)
	}
}

// SetRate tells the processor's measured speed in multiply-accumulates a second.
func (m *Metrics) SetRate(macs float64) { m.gmacs.Set(macs / 1e9) }

// SetTelemetry tells the condition of a device.
func (m *Metrics) SetTelemetry(d device.Device, id string, t device.Telemetry) {
	for figure, value := range map[string]float64{
		"temperature_celsius": t.TemperatureC, "power_watts": t.PowerW, "utilisation_percent": t.UtilisationPercent,
		"memory_used_mib": t.MemoryUsedMiB, "clock_mhz": t.ClockMHz, "ecc_errors": t.ECCErrors,
	} {
		if value >= 0 {
			m.devices.WithLabelValues(d.Model, id, figure).Set(value)
		}
	}
}
