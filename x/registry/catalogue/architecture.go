package catalogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// architecture is a generation of GPUs.
type architecture struct {
	vendor, name string
	// perClock is the single-precision operations of a shader in a clock cycle.
	perClock uint64
	// fp16 and int8 are dense throughput beside single precision.
	fp16, int8 ratio
	backends   []Backend
}

// ratio is a fraction.
type ratio struct{ numerator, denominator uint64 }

// of is the fraction of a number, rounded down.
func (r ratio) of(x uint64) uint64 { return x * r.numerator / r.denominator }

// unknown marks a ratio that no source gives.
const unknown = "-"

func parseArchitectures(data []byte, sources map[string]string) (map[string]architecture, error) {
	architectures := make(map[string]architecture)
	return architectures, eachRow("architectures.csv", data, architectureColumns, func(r *row) error {
		key := r.fields["key"]
		if err := validateKey(key); err != nil {
			return err
		}
		if _, twice := architectures[key]; twice {
			return fmt.Errorf("key %q occurs twice", key)
		}
		built, err := parseArchitecture(r)
		if err != nil {
			return err
		}
		architectures[key] = built
		_, err = r.addresses(sources)
		return err
	})
}

func parseArchitecture(r *row) (architecture, error) {
	built := architecture{vendor: r.fields["vendor"], name: r.fields["name"]}
	var err error
	if built.perClock, err = r.number("flops_per_clock", 64); err != nil {
		return built, err
	}
	if built.fp16, err = parseRatio("fp16_ratio", r.fields["fp16_ratio"]); err != nil {
		return built, err
	}
	if built.int8, err = parseRatio("int8_ratio", r.fields["int8_ratio"]); err != nil {
		return built, err
	}
	built.backends, err = parseBackends(r.fields["backends"])
	return built, err
}

// parseRatio reads a whole number or a fraction of two, or nothing where there is none known.
func parseRatio(field, text string) (ratio, error) {
	if text == unknown {
		return ratio{0, 1}, nil
	}
	above, below, fraction := strings.Cut(text, "/")
	if !fraction {
		below = "1"
	}
	numerator, err := strconv.ParseUint(above, 10, 16)
	denominator, err2 := strconv.ParseUint(below, 10, 16)
	if err != nil || err2 != nil || denominator == 0 {
		return ratio{}, fmt.Errorf("%s is %q: it must be a whole number up to 65535, a fraction such as 1/64, or %s", field, text, unknown)
	}
	return ratio{numerator, denominator}, nil
}

func parseBackends(text string) ([]Backend, error) {
	var backends []Backend
	for _, name := range strings.Fields(text) {
		i := slices.Index(backendNames[:], name)
		if i <= int(BackendCPU) {
			return nil, fmt.Errorf("backends names %q: there are %s", name, strings.Join(backendNames[BackendCUDA:], ", "))
		}
		backends = append(backends, Backend(i))
	}
	return backends, validateBackends(backends)
}
