// Package measured reads what benchmarks print.
package measured

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Results are the measured values: benchmark name without the number of processors, then unit.
type Results map[string]map[string]float64

// processors is the suffix that the test tool adds to a name, unless there is only one.
var processors = regexp.MustCompile(`-\d+$`)

// Read takes the lines of the test tool's output that report a benchmark. Of one that ran several times the last counts.
func (r Results) Read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if err := r.add(processors.ReplaceAllString(fields[0], ""), fields[2:]); err != nil {
			return fmt.Errorf("%q: %w", lines.Text(), err)
		}
	}
	return lines.Err()
}

// add takes pairs of a value and its unit.
func (r Results) add(name string, pairs []string) error {
	if len(pairs)%2 != 0 {
		return fmt.Errorf("%d fields, want pairs of a value and its unit", len(pairs))
	}
	r[name] = map[string]float64{}
	for i := 0; i < len(pairs); i += 2 {
		value, err := strconv.ParseFloat(pairs[i], 64)
		if err != nil {
			return err
		}
		r[name][pairs[i+1]] = value
	}
	return nil
}

// Get is a value that has to be there and not zero.
func (r Results) Get(name, unit string) (float64, error) {
	value := r[name][unit]
	if value == 0 {
		return 0, fmt.Errorf("benchmark %s reported no %s", name, unit)
	}
	return value, nil
}

// Sum adds up values of several benchmarks, all of which have to be there.
func (r Results) Sum(unit string, names ...string) (total float64, err error) {
	for _, name := range names {
		value, err := r.Get(name, unit)
		if err != nil {
			return 0, err
		}
		total += value
	}
	return total, nil
}
