package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// results are the measured values: benchmark name without the number of processors, then unit.
type results map[string]map[string]float64

// processors is the suffix that the test tool adds to a name.
var processors = regexp.MustCompile(`-\d+$`)

// read takes the lines of the test tool's output that report a benchmark.
func (r results) read(from io.Reader) error {
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
func (r results) add(name string, pairs []string) error {
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

// get is a value that has to be there and not zero.
func (r results) get(name, unit string) (float64, error) {
	value := r[name][unit]
	if value == 0 {
		return 0, fmt.Errorf("benchmark %s reported no %s", name, unit)
	}
	return value, nil
}

// ratio is a quotient of two values.
type ratio struct {
	// label says what is divided by what.
	label            string
	over, overUnit   string
	under, underUnit string
	// scale is how many of the lower unit make one of the upper; 1 when it is not given.
	scale float64
}

func (r results) quotient(q ratio) (float64, error) {
	over, err := r.get(q.over, q.overUnit)
	if err != nil {
		return 0, err
	}
	under, err := r.get(q.under, q.underUnit)
	return over * cmp.Or(q.scale, 1) / under, err
}
