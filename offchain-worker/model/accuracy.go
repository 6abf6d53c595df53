package model

import (
	"fmt"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Score counts the inputs whose largest logit is that of their label.
type Score struct {
	Correct, Total int
}

// Percent returns the accuracy, 0 to 100.
func (s Score) Percent() float64 { return 100 * float64(s.Correct) / float64(s.Total) }

// String spells the accuracy, as in "97.3% (973 of 1000)".
func (s Score) String() string {
	return fmt.Sprintf("%.1f%% (%d of %d)", s.Percent(), s.Correct, s.Total)
}

// Accuracy scores int32 logits, one row an input and one column a class, against uint8 labels.
func Accuracy(logits *tensor.Tensor, labels *npy.Array) (Score, error) {
	if logits.Kind != program.TENSOR_KIND_PLAIN || logits.Type != program.DATA_TYPE_INT32 {
		return Score{}, fmt.Errorf("%w: logits must be a plain int32 tensor", ErrInput)
	}
	return score(logits.Int32, int(logits.Rows), labels)
}

// score compares the position of each row's largest value, the first of equals, with the row's label.
func score[T int32 | float32](logits []T, rows int, labels *npy.Array) (Score, error) {
	truth, err := npy.Values[uint8](labels)
	if err != nil {
		return Score{}, fmt.Errorf("labels: %w", err)
	}
	if len(truth) != rows || rows == 0 || len(logits)%rows != 0 {
		return Score{}, fmt.Errorf("%w: %d labels for %d rows of logits", ErrInput, len(truth), rows)
	}
	classes := len(logits) / rows
	result := Score{Total: rows}
	for r, label := range truth {
		if int(label) >= classes {
			return Score{}, fmt.Errorf("%w: label %d of row %d, there are %d classes", ErrInput, label, r, classes)
		}
		if argmax(logits[r*classes:(r+1)*classes]) == int(label) {
			result.Correct++
		}
	}
	return result, nil
}

func argmax[T int32 | float32](values []T) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
