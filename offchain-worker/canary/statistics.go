package canary

import (
	"bytes"
	"cmp"
	"slices"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// Mark says what became of an operator's part in a canary.
type Mark string

// The marks.
const (
	// Right is a result that is the known answer.
	Right Mark = "right"
	// Wrong is a result that is not, and for which nobody was punished.
	Wrong Mark = "wrong"
	// Convicted is a result that is not, and for which its operator was slashed.
	Convicted Mark = "convicted"
	// TimedOut is a commitment, a proof or a delivery that did not come in time.
	TimedOut Mark = "timed out"
	// Excused is an end that is nobody's fault.
	Excused Mark = "excused"
)

// Part is what an operator did in one canary.
type Part struct {
	Operator string `json:"operator"`
	Mark     Mark   `json:"mark"`
	// Detail says why, in words; empty of a right result.
	Detail string `json:"detail,omitempty"`
	// Spent is what it was paid, with bonds lost to it; Won what this canary's runner has of its slash, or will have when nobody may appeal any
	// more. Both in base units.
	Spent math.Int `json:"spent"`
	Won   math.Int `json:"won"`
}

// Outcome is what became of a canary.
type Outcome struct {
	Job uint64 `json:"job"`
	// End says why the job was closed.
	End   string `json:"end"`
	Parts []Part `json:"parts"`
	// Cost is what it cost without fees, in base units: the price and what disputes lost.
	Cost math.Int `json:"cost"`
}

// Row is what canaries tell of an operator.
type Row struct {
	Operator string `json:"operator"`
	// Canaries counts those that it had a part in; Wrong the results that were not the answer, Convicted those of them for which it was slashed.
	Canaries  int      `json:"canaries"`
	Right     int      `json:"right"`
	Wrong     int      `json:"wrong"`
	Convicted int      `json:"convicted"`
	TimedOut  int      `json:"timed_out"`
	Spent     math.Int `json:"spent"`
	Won       math.Int `json:"won"`
}

// Count adds canaries up by operator, sorted by their addresses.
func Count(outcomes []Outcome) []Row {
	rows := map[string]*Row{}
	for _, outcome := range outcomes {
		counted := map[string]bool{}
		for _, part := range outcome.Parts {
			row := rows[part.Operator]
			if row == nil {
				row = &Row{Operator: part.Operator, Spent: math.ZeroInt(), Won: math.ZeroInt()}
				rows[part.Operator] = row
			}
			if !counted[part.Operator] {
				counted[part.Operator] = true
				row.Canaries++
			}
			row.add(part)
		}
	}
	list := make([]Row, 0, len(rows))
	for _, row := range rows {
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b Row) int { return cmp.Compare(a.Operator, b.Operator) })
	return list
}

func (r *Row) add(part Part) {
	r.Spent, r.Won = r.Spent.Add(part.Spent), r.Won.Add(part.Won)
	switch part.Mark {
	case Right:
		r.Right++
	case Wrong:
		r.Wrong++
	case Convicted:
		r.Wrong, r.Convicted = r.Wrong+1, r.Convicted+1
	case TimedOut:
		r.TimedOut++
	}
}

// Unpunished is how many results were not the answer although nobody was convicted for them.
func Unpunished(rows []Row) (n int) {
	for _, row := range rows {
		n += row.Wrong - row.Convicted
	}
	return n
}

// Answer is what a canary's runner knows: the outputs of all steps and their canonical roots.
type Answer struct {
	Roots   [][]byte
	Outputs []*tensor.Tensor
}

// Compare tells whether a committed result is the answer, and why not. Equal roots of the last step settle it; values may be committed to under
// another root, so that others are compared where the result is here. committed are the roots of all steps; theirs is nil when the result could
// not be had.
func (a Answer) Compare(committed [][]byte, theirs *tensor.Tensor) (Mark, string) {
	last := len(a.Roots) - 1
	if last < 0 || len(committed) != len(a.Roots) {
		return Wrong, "it has another number of steps"
	}
	if bytes.Equal(a.Roots[last], committed[last]) {
		return Right, ""
	}
	if theirs == nil {
		return Wrong, "it has another root, and could not be had"
	}
	own := a.Outputs[last]
	if own.Shape == theirs.Shape && slices.Equal(own.Int8, theirs.Int8) && slices.Equal(own.Int32, theirs.Int32) {
		return Right, ""
	}
	return Wrong, "it has other values"
}
