// Package replicas decides about jobs that several operators compute by themselves: whether their results agree, where two of them
// differ, and what each operator is paid at most. It knows nothing of stores or messages.
package replicas

import (
	"bytes"

	"cosmossdk.io/math"
)

const (
	// Min and Max bound the operators that compute one job.
	Min, Max = 2, 5
	// MinAgreement is how many equal results are accepted without samples at least: one alone agrees with nobody.
	MinAgreement = 2
	// Width is the number of children of a node of a commitment tree.
	Width = 16
)

// MaxDrawn is how many operators a round gives its job to at most: for every place one more, after somebody failed to commit.
func MaxDrawn(replicas uint32) int { return 2 * int(replicas) }

// Share is the highest price of one of several operators, so that all of them can be paid: ⌊max price / replicas⌋. What the
// others do changes nobody's share.
func Share(maxPrice math.Int, replicas uint32) math.Int {
	return maxPrice.QuoRaw(int64(max(replicas, 1)))
}

// Verdict is what comparing results says.
type Verdict uint8

// The verdicts.
const (
	// Nobody is left.
	Nobody Verdict = iota
	// Agreement: all results are equal and enough.
	Agreement
	// TooFew: all are equal and not enough, so that they must be proven by samples.
	TooFew
	// Differs: two of them are not equal.
	Differs
)

// Place is where the comparison found two results that differ.
type Place struct {
	// Step is the first whose outputs differ between any two results: up to there all are equal, and so at most one of two outputs
	// is what the program gives.
	Step int
	// One and Other are the indices of the first result and of the first one that differs from it there.
	One, Other int
}

// Compare compares the results that stand, each one root a step, all of the same number of steps. It decides by no majority: one
// result that differs from all others has the same standing as they.
func Compare(results [][][]byte, agreement uint32) (Verdict, Place) {
	if len(results) == 0 {
		return Nobody, Place{}
	}
	for step := range results[0] {
		for other := range results {
			if !bytes.Equal(results[0][step], results[other][step]) {
				return Differs, Place{Step: step, Other: other}
			}
		}
	}
	if len(results) < int(agreement) {
		return TooFew, Place{}
	}
	return Agreement, Place{}
}

// FirstDifference is the index of the first of two equally long lists' parts that differ; false when none does.
func FirstDifference(one, other [][]byte) (int, bool) {
	for i := range min(len(one), len(other)) {
		if !bytes.Equal(one[i], other[i]) {
			return i, true
		}
	}
	return 0, false
}

// FirstColumn is the first column in which two equally long rows differ, whose entries take width bytes; false when none does.
func FirstColumn(one, other []byte, width int) (int, bool) {
	for i := range min(len(one), len(other)) {
		if one[i] != other[i] {
			return i / max(width, 1), true
		}
	}
	return 0, false
}

// Children is how many children of a node hold rows, of a level with size nodes below it that do: 0 for a node that isn't there.
func Children(below, index uint32) uint32 {
	first := uint64(index) * Width
	if first >= uint64(below) {
		return 0
	}
	return min(Width, below-uint32(first))
}
