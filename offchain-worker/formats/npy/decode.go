package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Errors of this package, for errors.Is. The text around them names the field of the file and the limit.
var (
	// ErrMalformed: the file is not a .npy file, or is not what its own header says.
	ErrMalformed = errors.New("malformed .npy file")
	// ErrUnsupported: a valid file of a kind this package refuses.
	ErrUnsupported = errors.New("unsupported .npy file")
	// ErrTooLarge: the file is larger than the caller allows.
	ErrTooLarge = errors.New(".npy file too large")
)

// MaxHeaderLength is the largest accepted length of the header's dictionary, in bytes. NumPy's own reader stops at 10,000.
const MaxHeaderLength = 1<<16 - 1

const (
	magic     = "\x93NUMPY"
	supported = "supported are int8, uint8, int32, int64, float32 and float64, little-endian"
)

// ReadFile reads the array in a file of at most limit bytes.
func ReadFile(path string, limit int64) (*Array, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open array: %w", err)
	}
	defer file.Close() // Read-only: closing cannot lose data.
	array, err := Read(file, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return array, nil
}

// Read reads one array that ends where r ends, of at most limit bytes, header included.
func Read(r io.Reader, limit int64) (*Array, error) {
	if limit < 0 || limit == math.MaxInt64 {
		return nil, fmt.Errorf("%w: limit %d must be at least 0 and less than 2^63-1", ErrTooLarge, limit)
	}
	// One byte more than allowed tells a file at the limit from one beyond it.
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: more than the limit of %d bytes", ErrTooLarge, limit)
	}
	return Decode(data)
}

// Decode parses a whole file. The array's data aliases the file's bytes.
func Decode(file []byte) (*Array, error) {
	header, data, err := split(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	if parsed.fortranOrder {
		return nil, fmt.Errorf("%w: fortran_order is True; save numpy.ascontiguousarray(a) instead", ErrUnsupported)
	}
	array := &Array{DType: parsed.dtype, Shape: parsed.shape, Data: data}
	want, err := byteLength(array.DType, array.Shape)
	if err != nil {
		return nil, err
	}
	if len(data) < want {
		return nil, fmt.Errorf("%w: truncated: shape %v of %s needs %d bytes, there are %d", ErrMalformed, array.Shape, array.DType, want, len(data))
	}
	if len(data) > want {
		return nil, fmt.Errorf("%w: %d bytes after the end of the array", ErrMalformed, len(data)-want)
	}
	return array, nil
}

// split checks the magic and the version and cuts the file into the header's dictionary and the values.
func split(file []byte) (header, data []byte, err error) {
	if !bytes.HasPrefix(file, []byte(magic)) {
		return nil, nil, fmt.Errorf("%w: magic: the file does not start with \\x93NUMPY", ErrMalformed)
	}
	rest := file[len(magic):]
	if len(rest) < 2 {
		return nil, nil, fmt.Errorf("%w: version: the file ends before it", ErrMalformed)
	}
	major, minor := rest[0], rest[1]
	if major < 1 || major > 3 || minor != 0 {
		return nil, nil, fmt.Errorf("%w: version %d.%d; supported are 1.0, 2.0 and 3.0", ErrUnsupported, major, minor)
	}
	return splitHeader(major, rest[2:])
}

// splitHeader reads the header's length (2 bytes in version 1, 4 after) and cuts there.
func splitHeader(major byte, rest []byte) (header, data []byte, err error) {
	width := 4
	if major == 1 {
		width = 2
	}
	if len(rest) < width {
		return nil, nil, fmt.Errorf("%w: header length: the file ends before it", ErrMalformed)
	}
	var length uint32
	if width == 2 {
		length = uint32(binary.LittleEndian.Uint16(rest))
	} else {
		length = binary.LittleEndian.Uint32(rest)
	}
	rest = rest[width:]
	if length > MaxHeaderLength {
		return nil, nil, fmt.Errorf("%w: header length %d, at most %d", ErrTooLarge, length, MaxHeaderLength)
	}
	if int(length) > len(rest) {
		return nil, nil, fmt.Errorf("%w: header length %d, but only %d bytes follow", ErrMalformed, length, len(rest))
	}
	return rest[:length], rest[length:], nil
}
