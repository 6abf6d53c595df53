// Package config is the worker's configuration file: TOML, every key explained in the file that Write makes, unknown keys
// refused.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// FileName is the configuration's name in the worker's home.
const FileName = "config.toml"

// Duration is a time span written as in Go: "500ms", "2m".
type Duration time.Duration

// UnmarshalText reads "1m30s".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// MarshalText writes "1m30s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Config is the whole file.
type Config struct {
	Chain   Chain   `toml:"chain"`
	Beacon  Beacon  `toml:"beacon"`
	Worker  Worker  `toml:"worker"`
	Proofs  Proofs  `toml:"proofs"`
	Blobs   Blobs   `toml:"blobs"`
	Relay   Relay   `toml:"relay"`
	Devices Devices `toml:"devices"`
	Metrics Metrics `toml:"metrics"`
	Log     Log     `toml:"log"`
	// Faults is nil unless the file has the section.
	Faults *Faults `toml:"faults,omitempty"`
}

// Chain says which chain the worker serves and how it signs.
type Chain struct {
	ID             string   `toml:"id"`
	Node           string   `toml:"node"`
	Operator       string   `toml:"operator"`
	KeyName        string   `toml:"key_name"`
	KeyringBackend string   `toml:"keyring_backend"`
	GasPrice       string   `toml:"gas_price"`
	GasAdjustment  float64  `toml:"gas_adjustment"`
	MaxFee         string   `toml:"max_fee"`
	TimeoutBlocks  uint64   `toml:"timeout_blocks"`
	RequestTimeout Duration `toml:"request_timeout"`
}

// Beacon says where rounds come from.
type Beacon struct {
	Endpoints    []string `toml:"endpoints"`
	Relay        bool     `toml:"relay"`
	ForeignDelay Duration `toml:"foreign_delay"`
	Interval     Duration `toml:"interval"`
}

// Worker says how jobs are worked on.
type Worker struct {
	Lanes         int      `toml:"lanes"`
	Threads       int      `toml:"threads"`
	KeysDir       string   `toml:"keys_dir"`
	PollInterval  Duration `toml:"poll_interval"`
	ReportBefore  Duration `toml:"report_before"`
	FetchTries    int      `toml:"fetch_tries"`
	ShutdownGrace Duration `toml:"shutdown_grace"`
}

// Proofs says what proofs are made with.
type Proofs struct {
	// FullString is the file of the reference string for the level full, in the home unless it is absolute; none if empty.
	FullString string `toml:"full_string"`
}

// Blobs says how inputs come in and results go out.
type Blobs struct {
	Listen               string   `toml:"listen"`
	Endpoint             string   `toml:"endpoint"`
	QuotaMiB             uint64   `toml:"quota_mib"`
	ResultsQuotaMiB      uint64   `toml:"results_quota_mib"`
	FetchTimeout         Duration `toml:"fetch_timeout"`
	AllowPrivateLocators bool     `toml:"allow_private_locators"`
}

// Relay says whether and where this worker holds other workers' sealed outputs.
type Relay struct {
	Listen   string `toml:"listen"`
	URL      string `toml:"url"`
	QuotaMiB uint64 `toml:"quota_mib"`
}

// Devices says what computes, and what the devices are offered for.
type Devices struct {
	Price             string `toml:"price"`
	HourlyPrice       string `toml:"hourly_price"`
	AvailableOnStart  bool   `toml:"available_on_start"`
	UnavailableOnStop bool   `toml:"unavailable_on_stop"`
	// Backends that compute on accelerators: names, the preferred first, or "auto" for the rest; none if empty.
	Backends []string `toml:"backends"`
	// PowerBudgetWatts is what the operator's devices in use may draw together; the chain's stays if 0.
	PowerBudgetWatts uint32 `toml:"power_budget_watts"`
	// Hours of the day, UTC, in which the devices take work, such as "22-6,12"; all of them if empty.
	Hours string `toml:"hours"`
	// TelemetryInterval is the longest time between two reports of a device that is not cool; none are made of any if 0.
	TelemetryInterval Duration `toml:"telemetry_interval"`
	// Class that accelerators are registered as: "edge", "mobile", "consumer" or "datacentre"; empty for the catalogue's.
	Class string `toml:"class"`
	// Location of the machine, latitude and longitude in degrees; it tells none if empty.
	Location string `toml:"location"`
	// MeasureInterval is the time between two measurements of round trips to other operators' devices; 0 for none.
	MeasureInterval Duration `toml:"measure_interval"`
}

// Metrics says where figures are served.
type Metrics struct {
	Listen string `toml:"listen"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `toml:"level"`
	Format string `toml:"format"`
}

// Faults make the worker misbehave on a development chain.
type Faults struct {
	CorruptResult  bool     `toml:"corrupt_result"`
	CorruptPercent uint     `toml:"corrupt_percent"`
	FlipEntry      bool     `toml:"flip_entry"`
	DropProof      bool     `toml:"drop_proof"`
	Late           Duration `toml:"late"`
	WithholdOutput bool     `toml:"withhold_output"`
	IgnoreClaims   bool     `toml:"ignore_claims"`
}

// Default is the configuration of a worker on a local network.
func Default() Config {
	return Config{
		Chain: Chain{
			ID: "assay-local-1", Node: "tcp://127.0.0.1:26657", KeyName: "worker", KeyringBackend: "test",
			GasPrice: "0.01uassay", GasAdjustment: 1.5, MaxFee: "5000000uassay", TimeoutBlocks: 20, RequestTimeout: Duration(10 * time.Second),
		},
		Beacon: Beacon{
			Endpoints: []string{"http://127.0.0.1:26680"}, Relay: true,
			ForeignDelay: Duration(5 * time.Second), Interval: Duration(500 * time.Millisecond),
		},
		Worker: Worker{
			Lanes: 1, PollInterval: Duration(500 * time.Millisecond), ReportBefore: Duration(15 * time.Second),
			FetchTries: 3, ShutdownGrace: Duration(30 * time.Second),
		},
		Blobs: Blobs{
			Listen: "127.0.0.1:8700", Endpoint: "http://127.0.0.1:8700", QuotaMiB: 4096, ResultsQuotaMiB: 1024,
			FetchTimeout: Duration(time.Minute),
		},
		Relay: Relay{QuotaMiB: 4096},
		Devices: Devices{Price: "1000", HourlyPrice: "0", AvailableOnStart: true, UnavailableOnStop: true, Backends: []string{"auto"},
			MeasureInterval: Duration(6 * time.Hour), TelemetryInterval: Duration(10 * time.Minute)},
		Metrics: Metrics{Listen: ""},
		Log:     Log{Level: "info", Format: "text"},
	}
}

// Load reads the configuration of a home and checks it. Keys that are not there keep their defaults.
func Load(home string) (Config, error) {
	path := filepath.Join(home, FileName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, fmt.Errorf("%s does not exist: make it with assay-worker init", path)
	}
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	config, err := Parse(raw)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return config, nil
}

// Parse reads a configuration from TOML and checks it.
func Parse(raw []byte) (Config, error) {
	config := Default()
	decoder := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return Config{}, explain(err)
	}
	return config, config.Validate()
}

// explain adds to an error of the decoder where in the file it is.
func explain(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return fmt.Errorf("line %d: unknown key %q", line, strings.Join(first.Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

// CheckTypes tells whether TOML names known keys with values of their types, whatever the values are.
func CheckTypes(raw []byte) error {
	var config Config
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&config); err != nil {
		return explain(err)
	}
	return nil
}
