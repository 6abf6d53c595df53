package catalogue_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/registry/catalogue"
)

// TestCoverage holds the catalogue to what it is for: enough models, of every vendor and every class.
func TestCoverage(t *testing.T) {
	models := catalogue.Embedded().Models()
	require.GreaterOrEqual(t, len(models), 150)
	classes, vendors := map[catalogue.Class]int{}, map[string]int{}
	for _, model := range models {
		classes[model.Class]++
		vendors[model.Vendor]++
	}
	require.GreaterOrEqual(t, classes[catalogue.Consumer], 100)
	require.GreaterOrEqual(t, classes[catalogue.Datacentre], 30)
	require.GreaterOrEqual(t, classes[catalogue.Edge], 10)
	require.GreaterOrEqual(t, classes[catalogue.Mobile], 5)
	for _, vendor := range []string{"NVIDIA", "AMD", "Intel", "Apple"} {
		require.GreaterOrEqual(t, vendors[vendor], 15, vendor)
	}
}

// TestFiguresArePlausible: a slip in a unit or a digit would leave these ranges, which hardware has kept to.
func TestFiguresArePlausible(t *testing.T) {
	within := func(m catalogue.Model, what string, value, low, high uint64) {
		require.True(t, value == 0 || value >= low && value <= high, "%s: %s is %d, beyond %d to %d", m.Key, what, value, low, high)
	}
	for _, m := range catalogue.Embedded().Models() {
		within(m, "memory", uint64(m.MemoryMiB), 2<<10, 512<<10)
		within(m, "fp32", m.FP32, 30, 200_000)
		within(m, "int8", m.INT8, 1_000, 5_000_000)
		within(m, "bandwidth", m.BandwidthMBps, 20_000, 8_000_000)
		within(m, "tdp", uint64(m.TDPWatts), 10, 1_000)
		require.True(t, m.INT8 == 0 || m.INT8 >= m.FP16, "%s: int8 is slower than fp16", m.Key)
		require.True(t, m.Released >= "2014-09" && m.Released <= "2026-12", m.Key)
		if m.Class == catalogue.Consumer || m.Class == catalogue.Datacentre {
			require.NotZero(t, m.MemoryMiB, m.Key)
			require.NotZero(t, m.BandwidthMBps, m.Key)
		}
		if m.TDPWatts > 0 && m.FP32 > 0 {
			// From phones to the newest, throughput for the power spent has stayed within this range.
			within(m, "gflops a watt", m.FP32/uint64(m.TDPWatts), 10, 450)
		}
		if m.BandwidthMBps > 0 && m.MemoryMiB > 0 {
			within(m, "memory reads a second", 1000*m.BandwidthMBps/uint64(m.MemoryMiB), 1_000, 100_000)
		}
	}
}

// TestFiguresOfSomeModels compares with what vendors state, which the tables derive from shaders and clock.
func TestFiguresOfSomeModels(t *testing.T) {
	for name, want := range map[string][3]uint64{ // fp32, fp16, int8 in 10^12.
		"NVIDIA GeForce RTX 4090":              {82, 330, 660},
		"NVIDIA GeForce RTX 3090":              {35, 142, 284},
		"GeForce RTX 2080 Ti":                  {13, 107, 215},
		"Tesla T4":                             {8, 65, 130},
		"NVIDIA A100-SXM4-40GB":                {19, 311, 623},
		"NVIDIA L4":                            {30, 121, 242},
		"AMD Radeon RX 7900 XTX (RADV NAVI31)": {61, 122, 122},
		"AMD Radeon RX 9070 XT":                {48, 194, 389},
		"AMD Instinct MI300X":                  {163, 1307, 2614},
		"Intel(R) Arc(TM) B580 Graphics":       {13, 109, 218},
		"Apple M2 Max":                         {13, 13, 0},
		"NVIDIA Jetson AGX Orin (64GB ram)":    {5, 42, 85},
		"NVIDIA GeForce RTX 5090":              {104, 419, 838},
		"NVIDIA H100 80GB HBM3":                {66, 989, 1978},
		"NVIDIA GeForce RTX 4090 Laptop GPU":   {50, 200, 401},
		"NVIDIA RTX 6000 Ada Generation":       {91, 364, 728},
		"Tesla V100-SXM2-16GB":                 {14, 119, 0},
		"NVIDIA GeForce GTX 1080":              {8, 0, 35},
		"AMD Radeon RX 6900 XT (navi21, LLVM)": {23, 46, 92},
		"AMD Radeon VII":                       {13, 26, 53},
		"NVIDIA Quadro RTX 8000":               {16, 130, 260},
	} {
		model, known := catalogue.Embedded().Lookup(name)
		require.True(t, known, name)
		require.Equal(t, want, [3]uint64{model.FP32 / 1000, model.FP16 / 1000, model.INT8 / 1000}, name)
	}
}

// TestNamesOfDrivers looks models up as NVML, Mesa, Intel's driver and Metal name them.
func TestNamesOfDrivers(t *testing.T) {
	for name, key := range map[string]string{
		"NVIDIA GeForce RTX 4060 Ti":         "nvidia-geforce-rtx-4060-ti",
		"GeForce GTX 1060 6GB":               "nvidia-geforce-gtx-1060-6gb",
		"NVIDIA A100 80GB PCIe":              "nvidia-a100-80gb-pcie",
		"AMD Radeon RX 580 Series":           "amd-radeon-rx-580",
		"Intel(R) Arc(TM) A770 Graphics":     "intel-arc-a770-graphics",
		"Intel Arc A770 Graphics (DG2)":      "intel-arc-a770-graphics",
		"Apple M1 Max":                       "apple-m1-max",
		"NVIDIA Tegra X1":                    "nvidia-jetson-tx1",
		"V3D 7.1.7.0":                        "",
		"V3D 7.1.7":                          "broadcom-videocore-vii",
		"AMD Radeon Graphics (RADV RENOIR)":  "",
		"Intel(R) UHD Graphics 630":          "",
		"llvmpipe (LLVM 15.0.7, 256 bits)":   "",
		"":                                   "",
		"NVIDIA":                             "",
		"NVIDIA Corporation GPU (TM) (oops(": "",
	} {
		model, known := catalogue.Embedded().Lookup(name)
		require.Equal(t, key != "", known, name)
		require.Equal(t, key, model.Key, name)
	}
}

// TestVerdicts are what some devices are taken for.
func TestVerdicts(t *testing.T) {
	c := catalogue.Embedded()
	for _, device := range []struct {
		report       catalogue.Report
		class        catalogue.Class
		score        uint32
		quantisation catalogue.Quantisation
	}{
		{catalogue.Report{Name: "NVIDIA GeForce RTX 4090", MemoryMiB: 24_564, Accelerated: true}, catalogue.Consumer, 78, catalogue.FP16},
		{catalogue.Report{Name: "NVIDIA H100 80GB HBM3", MemoryMiB: 81_559, Accelerated: true}, catalogue.Datacentre, 95, catalogue.FP16},
		{catalogue.Report{Name: "NVIDIA Jetson Nano", MemoryMiB: 3_964, Accelerated: true}, catalogue.Edge, 18, catalogue.INT4},
		{catalogue.Report{Name: "Tesla P40", MemoryMiB: 22_919, Accelerated: true}, catalogue.Datacentre, 0, catalogue.INT8},
		{catalogue.Report{Name: "NVIDIA H900", MemoryMiB: 900_000, Accelerated: true}, catalogue.Consumer, 30, catalogue.INT8},
		{catalogue.Report{Name: "NVIDIA H900", MemoryMiB: 900_000, Accelerated: true, GMACs: 1 << 40}, catalogue.Consumer, 50, catalogue.INT8},
		{catalogue.Report{Name: "something", MemoryMiB: 2_048, Accelerated: true}, catalogue.Edge, 4, catalogue.INT4},
		{catalogue.Report{Name: "something", MemoryMiB: 8_192, Accelerated: true, GMACs: 799}, catalogue.Edge, 0, catalogue.INT8},
		{catalogue.Report{Name: "Adreno (TM) 740", MemoryMiB: 8_192, Accelerated: true}, catalogue.Mobile, 12, catalogue.INT8},
		{catalogue.Report{Name: "AMD Ryzen 9 5950X 16-Core Processor", MemoryMiB: 65_536}, catalogue.CPU, 25, catalogue.INT8},
		{catalogue.Report{Name: "NVIDIA GeForce RTX 4090", MemoryMiB: 4_096}, catalogue.CPU, 8, catalogue.INT4},
	} {
		verdict := c.Classify(device.report)
		require.Equal(t, device.class, verdict.Class, device.report)
		require.Equal(t, device.quantisation, verdict.Quantisation, device.report)
		if device.score > 0 {
			require.Equal(t, device.score, verdict.Score, device.report)
		}
	}
}
