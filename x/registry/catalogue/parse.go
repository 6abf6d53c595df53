package catalogue

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MaxTable is the size of a table in bytes at most.
const MaxTable = 1 << 20

// Tables are the three that a catalogue is read from; data/README.md describes them.
type Tables struct {
	// Models, Architectures and Sources are comma-separated values with a header.
	Models, Architectures, Sources []byte
}

// Columns of the tables.
var (
	modelColumns = []string{
		"key", "name", "architecture", "class", "memory_mib", "shaders", "clock_mhz", "fp32_gflops", "fp16_gflops", "int8_gops",
		"bandwidth_mbps", "tdp_w", "released", "stated", "aliases", "sources",
	}
	architectureColumns = []string{"key", "vendor", "name", "flops_per_clock", "fp16_ratio", "int8_ratio", "backends", "sources"}
	sourceColumns       = []string{"key", "licence", "url"}
)

// Parse reads a catalogue. An error names the table, the line, the field and the limit.
func Parse(tables Tables) (*Catalogue, error) {
	sources, err := parseSources(tables.Sources)
	if err != nil {
		return nil, err
	}
	architectures, err := parseArchitectures(tables.Architectures, sources)
	if err != nil {
		return nil, err
	}
	var models []Model
	err = eachRow("models.csv", tables.Models, modelColumns, func(r *row) error {
		model, err := parseModel(r, architectures, sources)
		models = append(models, model)
		return err
	})
	if err != nil {
		return nil, err
	}
	catalogue, err := New(models)
	if err != nil {
		return nil, fmt.Errorf("models.csv: %w", err)
	}
	return catalogue, nil
}

// row is a line of a table by column.
type row struct {
	fields map[string]string
}

// eachRow reads a table and calls visit for each of its lines, whose errors it completes.
func eachRow(table string, data []byte, columns []string, visit func(*row) error) error {
	if len(data) > MaxTable {
		return fmt.Errorf("%s has %d bytes: it must have %d at most", table, len(data), MaxTable)
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = len(columns)
	header, err := reader.Read()
	if err != nil {
		return fmt.Errorf("%s: header: %w", table, err)
	}
	if got, want := strings.Join(header, ","), strings.Join(columns, ","); got != want {
		return fmt.Errorf("%s: header is %q: it must be %q", table, got, want)
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		r := &row{fields: make(map[string]string, len(columns))}
		for i, column := range columns {
			r.fields[column] = record[i]
		}
		if err := visit(r); err != nil {
			line, _ := reader.FieldPos(0)
			return fmt.Errorf("%s line %d: %w", table, line, err)
		}
	}
}

// number reads a field as a whole number up to a limit.
func (r *row) number(field string, limit uint64) (uint64, error) {
	value, err := strconv.ParseUint(r.fields[field], 10, 64)
	if err != nil || value > limit {
		return 0, fmt.Errorf("%s is %q: it must be a whole number from 0 to %d", field, r.fields[field], limit)
	}
	return value, nil
}

// addresses looks up the keys of sources in a field, parted by spaces.
func (r *row) addresses(sources map[string]string) ([]string, error) {
	var found []string
	for _, key := range strings.Fields(r.fields["sources"]) {
		address, known := sources[key]
		if !known {
			return nil, fmt.Errorf("sources names %q, which sources.csv doesn't have", key)
		}
		found = append(found, address)
	}
	return found, validateSources(found)
}

func parseSources(data []byte) (map[string]string, error) {
	sources := make(map[string]string)
	return sources, eachRow("sources.csv", data, sourceColumns, func(r *row) error {
		key := r.fields["key"]
		if err := validateKey(key); err != nil {
			return err
		}
		if _, twice := sources[key]; twice {
			return fmt.Errorf("key %q occurs twice", key)
		}
		if err := validateText("licence", r.fields["licence"], MaxText); err != nil {
			return err
		}
		sources[key] = r.fields["url"]
		return validateSources([]string{r.fields["url"]})
	})
}

func parseModel(r *row, architectures map[string]architecture, sources map[string]string) (Model, error) {
	built, known := architectures[r.fields["architecture"]]
	if !known {
		return Model{}, fmt.Errorf("architecture is %q, which architectures.csv doesn't have", r.fields["architecture"])
	}
	model := Model{
		Key: r.fields["key"], Vendor: built.vendor, Name: r.fields["name"], Architecture: built.name, Backends: built.backends,
		Released: r.fields["released"],
	}
	if aliases := r.fields["aliases"]; aliases != "" {
		model.Aliases = strings.Split(aliases, ";")
	}
	var err error
	if model.Class, err = parseClass(r.fields["class"]); err != nil {
		return Model{}, err
	}
	if model.Sources, err = r.addresses(sources); err != nil {
		return Model{}, err
	}
	if err := parseFigures(r, &model); err != nil {
		return Model{}, err
	}
	if err := checkThroughput(r, built, model); err != nil {
		return Model{}, err
	}
	return model, model.Validate()
}

func parseClass(text string) (Class, error) {
	for class := Edge; class <= Datacentre; class++ {
		if class.String() == text {
			return class, nil
		}
	}
	return 0, fmt.Errorf("class is %q: it must be edge, mobile, consumer or datacentre", text)
}

func parseFigures(r *row, model *Model) error {
	var memory, tdp uint64
	for _, figure := range []struct {
		field string
		limit uint64
		into  *uint64
	}{
		{"memory_mib", MaxMemoryMiB, &memory}, {"tdp_w", MaxTDP, &tdp}, {"fp32_gflops", MaxThroughput, &model.FP32},
		{"fp16_gflops", MaxThroughput, &model.FP16}, {"int8_gops", MaxThroughput, &model.INT8}, {"bandwidth_mbps", MaxBandwidth, &model.BandwidthMBps},
	} {
		value, err := r.number(figure.field, figure.limit)
		if err != nil {
			return err
		}
		*figure.into = value
	}
	model.MemoryMiB, model.TDPWatts = uint32(memory), uint32(tdp)
	return nil
}

// checkThroughput checks that throughput that no source states is what shaders, clock and architecture make it.
func checkThroughput(r *row, built architecture, model Model) error {
	switch r.fields["stated"] {
	case "yes":
		return nil
	case "":
	default:
		return fmt.Errorf("stated is %q: it must be yes or empty", r.fields["stated"])
	}
	shaders, err := r.number("shaders", 1<<20)
	if err != nil {
		return err
	}
	clock, err := r.number("clock_mhz", 100_000)
	if err != nil {
		return err
	}
	fp32 := shaders * clock * built.perClock / 1000
	for _, figure := range []struct {
		field     string
		got, want uint64
	}{
		{"fp32_gflops", model.FP32, fp32}, {"fp16_gflops", model.FP16, built.fp16.of(fp32)}, {"int8_gops", model.INT8, built.int8.of(fp32)},
	} {
		if figure.got != figure.want {
			return fmt.Errorf("%s is %d: shaders, clock and architecture make it %d, and no source states it", figure.field, figure.got, figure.want)
		}
	}
	return nil
}
