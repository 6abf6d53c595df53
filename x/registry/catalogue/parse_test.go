package catalogue_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/catalogue"
)

const (
	sourceLine = "key,licence,url\nwp,CC BY-SA 4.0,https://a.example/b\n"
	archLine   = "key,vendor,name,flops_per_clock,fp16_ratio,int8_ratio,backends,sources\nada,NVIDIA,Ada,2,1/64,8,cuda vulkan,wp\n"
	modelHead  = "key,name,architecture,class,memory_mib,shaders,clock_mhz,fp32_gflops,fp16_gflops,int8_gops,bandwidth_mbps,tdp_w,released,stated,aliases,sources\n"
	modelLine  = "a,NVIDIA A,ada,consumer,8192,640,1000,1280,20,10240,100000,75,2020-01,,b;c,wp\n"
)

func tables() catalogue.Tables {
	return catalogue.Tables{Models: []byte(modelHead + modelLine), Architectures: []byte(archLine), Sources: []byte(sourceLine)}
}

func TestParse(t *testing.T) {
	c, err := catalogue.Parse(tables())
	require.NoError(t, err)
	require.Equal(t, []catalogue.Model{{
		Key: "a", Vendor: "NVIDIA", Name: "NVIDIA A", Architecture: "Ada", Class: catalogue.Consumer, MemoryMiB: 8192, FP32: 1280, FP16: 20,
		INT8: 10_240, BandwidthMBps: 100_000, TDPWatts: 75, Released: "2020-01", Aliases: []string{"b", "c"},
		Backends: []catalogue.Backend{catalogue.BackendCUDA, catalogue.BackendVulkan}, Sources: []string{"https://a.example/b"},
	}}, c.Models())
	for _, name := range []string{"nvidia a", "A (TM)", "b", "C"} {
		_, known := c.Lookup(name)
		require.True(t, known, name)
	}
}

// TestParseNamesWhatIsWrong changes one thing at a time; the error tells the table, the line, the field and the limit.
func TestParseNamesWhatIsWrong(t *testing.T) {
	for _, wrong := range []struct{ old, new, want string }{
		{modelLine, strings.Replace(modelLine, ",75,", ",-1,", 1), `models.csv line 2: tdp_w is "-1": it must be a whole number from 0 to 100000`},
		{modelLine, strings.Replace(modelLine, ",75,", ",100001,", 1), `tdp_w is "100001"`},
		{modelLine, strings.Replace(modelLine, "8192", "16777217", 1), `memory_mib is "16777217": it must be a whole number from 0 to 16777216`},
		{modelLine, strings.Replace(modelLine, "100000", "1e5", 1), `bandwidth_mbps is "1e5"`},
		{modelLine, strings.Replace(modelLine, "1280", "1281", 1), `fp32_gflops is 1281: shaders, clock and architecture make it 1280`},
		{modelLine, strings.Replace(modelLine, ",20,", ",21,", 1), `fp16_gflops is 21: shaders, clock and architecture make it 20`},
		{modelLine, strings.Replace(modelLine, "10240", "0", 1), `int8_gops is 0: shaders, clock and architecture make it 10240`},
		{modelLine, strings.Replace(modelLine, "01,,", "01,no,", 1), `stated is "no": it must be yes or empty`},
		{modelLine, strings.Replace(modelLine, "640", "x", 1), `shaders is "x"`},
		{modelLine, strings.Replace(modelLine, "1000,", "100001,", 1), `clock_mhz is "100001"`},
		{modelLine, strings.Replace(modelLine, "consumer", "cpu", 1), `class is "cpu": it must be edge, mobile, consumer or datacentre`},
		{modelLine, strings.Replace(modelLine, ",ada,", ",adb,", 1), `architecture is "adb", which architectures.csv doesn't have`},
		{modelLine, strings.Replace(modelLine, "2020-01", "2020-13", 1), `released is "2020-13": it must be a month from 1990-01 to 2199-12`},
		{modelLine, strings.Replace(modelLine, "2020-01", "2020/01", 1), `released is "2020/01"`},
		{modelLine, strings.Replace(modelLine, "2020-01", "1989-12", 1), `released is "1989-12"`},
		{modelLine, strings.Replace(modelLine, "b;c", "b;", 1), `aliases[1] has 0 bytes: it must have from 1 to 64`},
		{modelLine, strings.Replace(modelLine, "b;c", "b;(c)", 1), `name and aliases: each must hold more than`},
		{modelLine, strings.Replace(modelLine, "b;c", strings.Repeat("b;", 16)+"c", 1), `aliases has 17 entries: it must have 16 at most`},
		{modelLine, strings.Replace(modelLine, ",wp", ",", 1), `sources has 0 entries: it must have from 1 to 8`},
		{modelLine, strings.Replace(modelLine, ",wp", ",wq", 1), `sources names "wq", which sources.csv doesn't have`},
		{modelLine, strings.Replace(modelLine, "a,", "A,", 1), `key is "A": it must be of lower-case letters and digits`},
		{modelLine, strings.Replace(modelLine, "a,", "a--b,", 1), `key is "a--b"`},
		{modelLine, strings.Replace(modelLine, "a,", ",", 1), `key has 0 bytes: it must have from 1 to 64`},
		{modelLine, strings.Replace(modelLine, "NVIDIA A", " A", 1), `name is " A": it must be UTF-8 without spaces around it`},
		{modelLine, strings.Replace(modelLine, "NVIDIA A", "A\x01", 1), `it must have no control characters`},
		{modelLine, modelLine + modelLine, `models.csv: model "a": keys must ascend`},
		{modelLine, modelLine + "b" + modelLine[1:], `model "b": the name "a" is that of "a"`},
		{modelLine, "a,b\n", `models.csv: record on line 2: wrong number of fields`},
		{modelHead, modelHead[1:], `models.csv: header is "ey,`},
		{archLine, strings.Replace(archLine, "1/64", "1/0", 1), `architectures.csv line 2: fp16_ratio is "1/0"`},
		{archLine, strings.Replace(archLine, ",8,", ",65536,", 1), `int8_ratio is "65536": it must be a whole number up to 65535`},
		{archLine, strings.Replace(archLine, ",2,", ",65,", 1), `flops_per_clock is "65"`},
		{archLine, strings.Replace(archLine, "cuda vulkan", "vulkan cuda", 1), `backends[1] is cuda: they must ascend`},
		{archLine, strings.Replace(archLine, "cuda vulkan", "cpu", 1), `backends names "cpu": there are cuda, rocm, vulkan, metal, oneapi`},
		{archLine, strings.Replace(archLine, "cuda vulkan", "", 1), `backends is empty`},
		{archLine, archLine + "ada,NVIDIA,Ada,2,1/64,8,cuda vulkan,wp\n", `architectures.csv line 3: key "ada" occurs twice`},
		{sourceLine, strings.Replace(sourceLine, "https", "http", 1), `sources.csv line 2: sources[0] is "http://a.example/b": it must be an https address`},
		{sourceLine, strings.Replace(sourceLine, "CC BY-SA 4.0", "", 1), `licence has 0 bytes`},
		{sourceLine, sourceLine + "wp,x,https://b\n", `sources.csv line 3: key "wp" occurs twice`},
	} {
		broken := tables()
		for _, table := range []*[]byte{&broken.Models, &broken.Architectures, &broken.Sources} {
			*table = bytes.Replace(*table, []byte(wrong.old), []byte(wrong.new), 1)
		}
		_, err := catalogue.Parse(broken)
		require.ErrorContains(t, err, wrong.want)
	}
	large := tables()
	large.Models = make([]byte, catalogue.MaxTable+1)
	_, err := catalogue.Parse(large)
	require.ErrorContains(t, err, "models.csv has 1048577 bytes: it must have 1048576 at most")
}

func TestNormaliseTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`([A-Za-z(). ]|NVIDIA |\(R\)|GPU ){0,40}`)).Draw(t, "name")
		requireNormal(t, catalogue.Normalise(name))
	})
}

func requireNormal(t require.TestingT, normal string) {
	require.Equal(t, normal, catalogue.Normalise(normal))
	require.LessOrEqual(t, len(normal), 256)
	for _, r := range normal {
		require.True(t, r == ' ' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9', "%q", normal)
	}
	require.Equal(t, strings.TrimSpace(normal), normal)
	require.NotContains(t, normal, "  ")
}

func FuzzNormalise(f *testing.F) {
	for _, name := range []string{"NVIDIA GeForce RTX 4090", "Intel(R) Arc(TM) A770 Graphics (DG2)", "((", ")(", "\xff GPU"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) { requireNormal(t, catalogue.Normalise(name)) })
}

// FuzzParse: whatever the tables hold, reading them ends, and what is read is valid and found by its names.
func FuzzParse(f *testing.F) {
	good := tables()
	f.Add(good.Models, good.Architectures, good.Sources)
	for _, file := range []string{"models.csv", "architectures.csv", "sources.csv"} {
		data, err := os.ReadFile(filepath.Join("data", file))
		require.NoError(f, err)
		cut := data[:min(len(data), 2_000)]
		f.Add(cut[:bytes.LastIndexByte(cut, '\n')+1], good.Architectures, good.Sources)
	}
	f.Fuzz(func(t *testing.T, models, architectures, sources []byte) {
		c, err := catalogue.Parse(catalogue.Tables{Models: models, Architectures: architectures, Sources: sources})
		if err != nil {
			return
		}
		for _, model := range c.Models() {
			require.NoError(t, model.Validate())
			for _, name := range append([]string{model.Name}, model.Aliases...) {
				found, known := c.Lookup(name)
				require.True(t, known, name)
				require.Equal(t, model.Key, found.Key)
			}
		}
	})
}
