package npy

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/assaychain/assay/offchain-worker/formats/internal/atomicfile"
)

// alignment of the first value in the file, so that it can be memory-mapped; NumPy's choice.
const alignment = 64

// Encode returns the file of an array, byte for byte what numpy.save writes for a C-ordered array.
func (a *Array) Encode() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", a.DType, tuple(a.Shape))
	// Version 1 always suffices: 32 dimensions of 20 digits stay far under its 65,535 bytes.
	prefix := len(magic) + 2 + 2
	// NumPy leaves room for the first dimension to grow in place to 21 digits.
	if growth := 21 - firstDigits(a.Shape); growth > 0 && len(a.Shape) > 0 {
		dict += strings.Repeat(" ", growth)
	}
	padding := alignment - (prefix+len(dict)+1)%alignment
	dict += strings.Repeat(" ", padding) + "\n"

	file := make([]byte, 0, prefix+len(dict)+len(a.Data))
	file = append(file, magic...)
	file = append(file, 1, 0)
	file = binary.LittleEndian.AppendUint16(file, uint16(len(dict)))
	file = append(file, dict...)
	return append(file, a.Data...), nil
}

// WriteFile writes an array to a file, whole or not at all: a failure leaves an older file as it was.
func WriteFile(path string, a *Array) error {
	data, err := a.Encode()
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return atomicfile.Write(path, data)
}

// tuple spells a shape as Python does.
func tuple(shape []int) string {
	if len(shape) == 1 {
		return "(" + strconv.Itoa(shape[0]) + ",)"
	}
	dims := make([]string, len(shape))
	for i, dim := range shape {
		dims[i] = strconv.Itoa(dim)
	}
	return "(" + strings.Join(dims, ", ") + ")"
}

func firstDigits(shape []int) int {
	if len(shape) == 0 {
		return 0
	}
	return len(strconv.Itoa(shape[0]))
}
