package device

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// put writes a file of a fake system.
func put(t *testing.T, c *CPU, path, content string) {
	path = filepath.Join(c.root, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func TestProcessorsSensors(t *testing.T) {
	c := fakeSystem(t, "0123456789abcdef0123456789abcdef\n")
	put(t, c, "sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n")
	put(t, c, "sys/class/thermal/thermal_zone1/temp", "63000\n")
	put(t, c, "sys/class/thermal/thermal_zone2/type", "iwlwifi_1\n")
	put(t, c, "sys/class/thermal/thermal_zone2/temp", "90000\n")
	put(t, c, "sys/class/thermal/thermal_zone3/type", "cpu-thermal\n")
	put(t, c, "sys/class/thermal/thermal_zone3/temp", "nonsense\n")
	put(t, c, "proc/loadavg", "100000.00 0 0 1/2 3\n")
	put(t, c, "sys/class/powercap/intel-rapl:0/energy_uj", "1000000\n")
	put(t, c, "sys/class/powercap/intel-rapl:0/max_energy_range_uj", "9000000\n")
	put(t, c, "sys/class/powercap/intel-rapl:0:0/energy_uj", "77\n")
	read, err := c.Telemetry(context.Background(), "")
	require.NoError(t, err)
	require.InDelta(t, 63, read.TemperatureC, 0.01, "the package's, not the radio's")
	require.InDelta(t, 100, read.UtilisationPercent, 0.01)
	require.Zero(t, read.PowerW, "nothing was spent between the two readings")

	put(t, c, "sys/class/powercap/intel-rapl:0/energy_uj", "3000000\n")
	read, err = c.Telemetry(context.Background(), "")
	require.NoError(t, err)
	require.Positive(t, read.PowerW)
	require.LessOrEqual(t, read.PowerW, 20.0, "two joules in a tenth of a second at least")

	put(t, c, "sys/class/powercap/intel-rapl:0/energy_uj", "1000\n")
	require.InDelta(t, 6_001_000, c.spent(filepath.Join(c.root, "sys/class/powercap/intel-rapl:0"), 3_000_000, 1_000), 0.01, "the counter began anew")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	require.Negative(t, c.power(cancelled))
	require.NoError(t, os.RemoveAll(filepath.Join(c.root, "sys")))
	bare := &CPU{root: c.root}
	require.Negative(t, bare.power(context.Background()))
	require.Negative(t, bare.temperature())
}
