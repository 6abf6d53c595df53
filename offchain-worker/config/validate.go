package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/runner"
	"github.com/assaychain/assay/x/registry/cells"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Validate names the first key that can't be worked with.
func (c Config) Validate() error {
	for _, check := range []func() error{
		c.Chain.validate, c.Beacon.validate, c.Worker.validate, c.Blobs.validate, c.Relay.validate, c.Devices.validate, c.Metrics.validate, c.Log.validate,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if _, err := c.RunnerFaults(); err != nil {
		return err
	}
	return nil
}

func (c Chain) validate() error {
	switch {
	case c.ID == "":
		return fmt.Errorf("chain.id is empty")
	case c.Node == "":
		return fmt.Errorf("chain.node is empty")
	case c.KeyName == "":
		return fmt.Errorf("chain.key_name is empty")
	case c.KeyringBackend != "test" && c.KeyringBackend != "file" && c.KeyringBackend != "os":
		return fmt.Errorf("chain.keyring_backend is %q, must be test, file or os", c.KeyringBackend)
	case c.TimeoutBlocks < 3 || c.TimeoutBlocks > 1000:
		return fmt.Errorf("chain.timeout_blocks is %d, must be 3 to 1000", c.TimeoutBlocks)
	}
	if err := within("chain.request_timeout", c.RequestTimeout, time.Second, time.Minute); err != nil {
		return err
	}
	if c.Operator != "" {
		if _, err := sdk.AccAddressFromBech32(c.Operator); err != nil {
			return fmt.Errorf("chain.operator: %w", err)
		}
	}
	_, err := c.Fees()
	return err
}

// Fees is the policy that the file describes.
func (c Chain) Fees() (chain.FeePolicy, error) {
	price, err := sdk.ParseDecCoin(c.GasPrice)
	if err != nil {
		return chain.FeePolicy{}, fmt.Errorf("chain.gas_price: %w", err)
	}
	limit, err := sdk.ParseCoinNormalized(c.MaxFee)
	if err != nil {
		return chain.FeePolicy{}, fmt.Errorf("chain.max_fee: %w", err)
	}
	policy := chain.FeePolicy{GasPrice: price, GasAdjustment: c.GasAdjustment, MaxFee: limit}
	if err := policy.Validate(); err != nil {
		return chain.FeePolicy{}, fmt.Errorf("chain: %w", err)
	}
	return policy, nil
}

func (b Beacon) validate() error {
	if !b.Relay {
		return nil
	}
	if len(b.Endpoints) == 0 {
		return fmt.Errorf("beacon.endpoints is empty: name at least one, or set beacon.relay = false")
	}
	for i, endpoint := range b.Endpoints {
		if err := web(fmt.Sprintf("beacon.endpoints[%d]", i), endpoint); err != nil {
			return err
		}
	}
	if err := within("beacon.foreign_delay", b.ForeignDelay, 0, time.Hour); err != nil {
		return err
	}
	return within("beacon.interval", b.Interval, 50*time.Millisecond, time.Minute)
}

func (w Worker) validate() error {
	if w.Lanes < 1 || w.Lanes > 64 {
		return fmt.Errorf("worker.lanes is %d, must be 1 to 64", w.Lanes)
	}
	if w.Threads < 0 || w.Threads > 1024 {
		return fmt.Errorf("worker.threads is %d, must be 0 to 1024", w.Threads)
	}
	if w.FetchTries < 1 || w.FetchTries > 100 {
		return fmt.Errorf("worker.fetch_tries is %d, must be 1 to 100", w.FetchTries)
	}
	if err := within("worker.poll_interval", w.PollInterval, 50*time.Millisecond, time.Minute); err != nil {
		return err
	}
	if err := within("worker.report_before", w.ReportBefore, time.Second, time.Hour); err != nil {
		return err
	}
	return within("worker.shutdown_grace", w.ShutdownGrace, 0, time.Hour)
}

func (b Blobs) validate() error {
	if err := listen("blobs.listen", b.Listen); err != nil {
		return err
	}
	if b.Listen == "" {
		return fmt.Errorf("blobs.listen is empty: results could not be fetched")
	}
	if err := web("blobs.endpoint", b.Endpoint); err != nil {
		return err
	}
	return within("blobs.fetch_timeout", b.FetchTimeout, time.Second, time.Hour)
}

func (r Relay) validate() error {
	if r.Listen == "" {
		return nil
	}
	if err := listen("relay.listen", r.Listen); err != nil {
		return err
	}
	if r.QuotaMiB < 32 {
		return fmt.Errorf("relay.quota_mib is %d, must be at least 32: the largest output has 29 MiB", r.QuotaMiB)
	}
	return web("relay.url", r.URL)
}

func (d Devices) validate() error {
	price, ok := math.NewIntFromString(d.Price)
	if !ok || price.IsNegative() {
		return fmt.Errorf("devices.price is %q, must be a whole number of the base denomination per 10^9 multiply-accumulates", d.Price)
	}
	hourly, ok := math.NewIntFromString(d.HourlyPrice)
	if !ok || hourly.IsNegative() {
		return fmt.Errorf("devices.hourly_price is %q, must be a whole number of the base denomination per hour, 0 when the devices are not for rent", d.HourlyPrice)
	}
	if d.Class != "" && !slices.Contains([]string{"edge", "mobile", "consumer", "datacentre"}, d.Class) {
		return fmt.Errorf("devices.class is %q, must be edge, mobile, consumer or datacentre, or empty for the catalogue's", d.Class)
	}
	if _, err := d.Cell(); err != nil {
		return err
	}
	if d.MeasureInterval != 0 {
		if err := within("devices.measure_interval", d.MeasureInterval, time.Minute, 30*24*time.Hour); err != nil {
			return err
		}
	}
	if d.PowerBudgetWatts > registrytypes.MaxPowerBudget {
		return fmt.Errorf("devices.power_budget_watts is %d, must be at most %d, or 0 to leave the chain's", d.PowerBudgetWatts, registrytypes.MaxPowerBudget)
	}
	if _, err := ParseHours(d.Hours); err != nil {
		return fmt.Errorf("devices.hours is %q: %w", d.Hours, err)
	}
	if d.TelemetryInterval != 0 {
		if err := within("devices.telemetry_interval", d.TelemetryInterval, time.Minute, 24*time.Hour); err != nil {
			return fmt.Errorf("%w, or 0s for none", err)
		}
	}
	for i, name := range d.Backends {
		if name == "" || slices.Contains(d.Backends[:i], name) {
			return fmt.Errorf("devices.backends[%d] is %q, must be the name of a back end, once", i, name)
		}
	}
	return nil
}

// Cell is the cell of the grid that the machine stands in; Nowhere without a location.
func (d Devices) Cell() (cells.Cell, error) {
	if d.Location == "" {
		return cells.Nowhere, nil
	}
	cell, err := device.ParseLocation(d.Location)
	if err != nil {
		return cells.Nowhere, fmt.Errorf("devices.location is %q: %w", d.Location, err)
	}
	return cell, nil
}

func (m Metrics) validate() error { return listen("metrics.listen", m.Listen) }

func (l Log) validate() error {
	if !strings.Contains(" debug info warn error ", " "+l.Level+" ") {
		return fmt.Errorf("log.level is %q, must be debug, info, warn or error", l.Level)
	}
	if l.Format != "text" && l.Format != "json" {
		return fmt.Errorf("log.format is %q, must be text or json", l.Format)
	}
	return nil
}

// RunnerFaults are the faults that the file asks for, none without the section. They are refused on any chain but
// development ones.
func (c Config) RunnerFaults() (runner.Faults, error) {
	if c.Faults == nil {
		return runner.Faults{}, nil
	}
	faults := runner.Faults{
		FlipEntry: c.Faults.FlipEntry, DropProof: c.Faults.DropProof, Late: time.Duration(c.Faults.Late),
		WithholdOutput: c.Faults.WithholdOutput, IgnoreClaims: c.Faults.IgnoreClaims,
	}
	if c.Faults.CorruptResult {
		faults.CorruptPercent = c.Faults.CorruptPercent
		if faults.CorruptPercent == 0 {
			faults.CorruptPercent = 100
		}
	}
	if c.Faults.CorruptPercent > 100 {
		return runner.Faults{}, fmt.Errorf("faults.corrupt_percent is %d, must be at most 100", c.Faults.CorruptPercent)
	}
	if faults.Active() && !runner.DevelopmentChain(c.Chain.ID) {
		return runner.Faults{}, fmt.Errorf("faults are refused on chain %q: its id must start with assay-local- or assay-test-", c.Chain.ID)
	}
	return faults, nil
}

func within(name string, d Duration, low, high time.Duration) error {
	if got := time.Duration(d); got < low || got > high {
		return fmt.Errorf("%s is %s, must be %s to %s", name, got, low, high)
	}
	return nil
}

func listen(name, address string) error {
	if address == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("%s is %q, must be host:port: %w", name, address, err)
	}
	return nil
}

func web(name, text string) error {
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || parsed.User != nil {
		return fmt.Errorf("%s is %q, must be an http or https URL without a user", name, text)
	}
	return nil
}
