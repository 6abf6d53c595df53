package main

import (
	"cmp"

	"github.com/assaychain/assay/scripts/bench/measured"
)

// ratio is a quotient of two values.
type ratio struct {
	// label says what is divided by what.
	label            string
	over, overUnit   string
	under, underUnit string
	// scale is how many of the lower unit make one of the upper; 1 when it is not given.
	scale float64
}

// quotient is a ratio of what was measured.
func quotient(r measured.Results, q ratio) (float64, error) {
	over, err := r.Get(q.over, q.overUnit)
	if err != nil {
		return 0, err
	}
	under, err := r.Get(q.under, q.underUnit)
	return over * cmp.Or(q.scale, 1) / under, err
}
