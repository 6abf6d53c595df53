package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// commented is the file that Write makes.
var commented = template.Must(template.New(FileName).Funcs(template.FuncMap{"list": list}).Parse(
	`# Configuration of assay-worker. Times are written as "500ms", "10s", "2m".

[chain]
# Chain id; the worker refuses a node of another chain.
id = {{printf "%q" .Chain.ID}}
# RPC address of a node you trust: it tells the worker what to do, though it can't make it sign anything else.
node = {{printf "%q" .Chain.Node}}
# Address of the operator's cold key, in whose name the worker works. Set by "assay-worker register".
operator = {{printf "%q" .Chain.Operator}}
# The worker's own hot key and where it is kept: test (unencrypted), file (asks for a password) or os.
key_name = {{printf "%q" .Chain.KeyName}}
keyring_backend = {{printf "%q" .Chain.KeyringBackend}}
# Fees: price per unit of gas, factor on the simulated gas, and the most that one transaction may cost.
gas_price = {{printf "%q" .Chain.GasPrice}}
gas_adjustment = {{.Chain.GasAdjustment}}
max_fee = {{printf "%q" .Chain.MaxFee}}
# Blocks after which a transaction that is in none of them is given up, and may be sent anew.
timeout_blocks = {{.Chain.TimeoutBlocks}}
request_timeout = "{{.Chain.RequestTimeout}}"

[beacon]
# Base URLs of drand-compatible endpoints, in order of preference.
endpoints = {{list .Beacon.Endpoints}}
# Whether to relay the rounds that the chain waits for. Rounds that seed own jobs go at once, others after foreign_delay,
# so that not every worker pays for the same round.
relay = {{.Beacon.Relay}}
foreign_delay = "{{.Beacon.ForeignDelay}}"
interval = "{{.Beacon.Interval}}"

[worker]
# Jobs that may compute at a time.
lanes = {{.Worker.Lanes}}
# Threads of the processor's kernels; 0 for all cores.
threads = {{.Worker.Threads}}
# Folder of the proving keys that "assayd circuits setup" made; "keys" in the worker's home if empty.
keys_dir = {{printf "%q" .Worker.KeysDir}}
# Time between two looks at the chain.
poll_interval = "{{.Worker.PollInterval}}"
# Inputs that can't be fetched are reported after fetch_tries tries, or this long before the deadline.
report_before = "{{.Worker.ReportBefore}}"
fetch_tries = {{.Worker.FetchTries}}
# Time that jobs in work get to end when the worker is asked to stop; what is left goes on after the next start.
shutdown_grace = "{{.Worker.ShutdownGrace}}"

[proofs]
# File of the reference string that proves every entry of a product, for jobs of the level full: "full.srs", in the worker's home
# unless the path is absolute. Make it with "assayd circuits full". Empty: the devices don't take such jobs.
full_string = {{printf "%q" .Proofs.FullString}}

[blobs]
# Where results are served, and the URL under which customers reach it: the endpoint that is registered.
listen = {{printf "%q" .Blobs.Listen}}
endpoint = {{printf "%q" .Blobs.Endpoint}}
# Disk space for inputs and outputs in work, and for published results, in MiB; 0 for no limit.
quota_mib = {{.Blobs.QuotaMiB}}
results_quota_mib = {{.Blobs.ResultsQuotaMiB}}
fetch_timeout = "{{.Blobs.FetchTimeout}}"
# Whether inputs may be fetched from loopback and private addresses. Only on a local network: otherwise customers could
# make the worker read from the network it stands in.
allow_private_locators = {{.Blobs.AllowPrivateLocators}}

[relay]
# Where this worker serves as a relay for outputs that are too large for transactions, host:port; empty for no relay. It holds sealed
# boxes, which it can't read, for a fee, and must serve each until its receipt expires. Its bond qualifies it.
listen = {{printf "%q" .Relay.Listen}}
# URL under which others reach it. Registered, with the key in relay.key, by "assay-worker register".
url = {{printf "%q" .Relay.URL}}
# Disk space for boxes in MiB; what doesn't fit is refused.
quota_mib = {{.Relay.QuotaMiB}}

[devices]
# Price in the base denomination per 10^9 multiply-accumulates, for devices registered and updated from here.
price = {{printf "%q" .Devices.Price}}
# Price of renting a whole device for an hour, in the base denomination; 0 when the devices are not for rent.
hourly_price = {{printf "%q" .Devices.HourlyPrice}}
# Whether a start offers the devices, and a stop takes them out of the offer.
available_on_start = {{.Devices.AvailableOnStart}}
unavailable_on_stop = {{.Devices.UnavailableOnStop}}
# Watts that the operator's devices in use may draw together. It is the operator's, for all its workers, and set by "assay-worker register":
# the chain gives no job to a device for which there is no room. 0 leaves what the chain has, which another machine may have set; "assayd tx
# registry set-power-budget 0" ends it.
power_budget_watts = {{.Devices.PowerBudgetWatts}}
# Hours of the day, UTC, in which the devices take work, such as "22-6,12": from 22 to 6 o'clock, and from 12 to 13. Empty for all. Set
# by "assay-worker register"; jobs that a device has at the end of its hours go on, and so do spot checks: let the worker run.
hours = {{printf "%q" .Devices.Hours}}
# Each device's temperature and power are reported to the chain, which gives hot devices less work, at the start and when it becomes hotter or
# cooler. While it is not cool, reports go on: this is the longest time between two, and half of the time after which the chain forgets one
# is another bound. "0s" for no reports.
telemetry_interval = "{{.Devices.TelemetryInterval}}"
# What computes on GPUs, the preferred first: names of back ends that "assay-worker doctor" lists, or "auto" for all others.
# Empty: the processor only. Each is tested at the start, and every result of it is checked on the processor.
backends = {{list .Devices.Backends}}
# Class that GPUs are registered as: edge, mobile, consumer or datacentre. Empty: what the catalogue has their model as, which
# "assay-worker doctor" shows. The chain takes a lower class than its catalogue's, never a higher one.
class = {{printf "%q" .Devices.Class}}
# Where this machine stands: "latitude,longitude" in degrees, north and east positive, such as "51.5,-0.1". It stays here: the chain is told
# the cell of 10 by 10 degrees that it lies in, by which jobs that want to be near find the devices. Empty: not told.
location = {{printf "%q" .Devices.Location}}
# Time between two measurements of the round trips to some other operators' workers, which are reported, in whole milliseconds, so that the chain
# knows how near this one is. They are public, as are the coordinates that the chain makes of them, and can narrow the place down to less than
# the cell; "0s" ends them. Nothing is measured without a location.
measure_interval = "{{.Devices.MeasureInterval}}"

[metrics]
# host:port of the Prometheus endpoint /metrics; empty for none.
listen = {{printf "%q" .Metrics.Listen}}

[log]
# debug, info, warn or error; text or json.
level = {{printf "%q" .Log.Level}}
format = {{printf "%q" .Log.Format}}
{{- if .Faults}}

# Faults make the worker misbehave. Refused unless the chain id starts with assay-local- or assay-test-.
[faults]
corrupt_result = {{.Faults.CorruptResult}}
# Share of each step's entries that is changed.
corrupt_percent = {{.Faults.CorruptPercent}}
# Changes one entry of the result, which sampling hardly ever finds and a dispute always.
flip_entry = {{.Faults.FlipEntry}}
drop_proof = {{.Faults.DropProof}}
# Delay of each run.
late = "{{.Faults.Late}}"
withhold_output = {{.Faults.WithholdOutput}}
ignore_claims = {{.Faults.IgnoreClaims}}
{{- end}}
`))

func list(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// String is the duration as the file has it.
func (d Duration) String() string {
	text, err := d.MarshalText()
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Write makes the configuration file of a home with its comments. It replaces an existing file only when told to.
func Write(home string, config Config, overwrite bool) error {
	if err := config.Validate(); err != nil {
		return err
	}
	path := filepath.Join(home, FileName)
	if _, err := os.Stat(path); err == nil && !overwrite {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write configuration: %w", err)
	}
	var text bytes.Buffer
	if err := commented.Execute(&text, config); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	if err := os.WriteFile(path+".new", text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}
