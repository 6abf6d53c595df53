package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// parseEntry parses a tensor's record: exactly dtype, shape and data_offsets, whose length must be what dtype and shape ask for.
func parseEntry(name string, value json.RawMessage) (entry, error) {
	e := entry{name: name}
	fields := 0
	err := eachMember(value, "tensor "+strconv.Quote(clip(name)), func(key string, raw json.RawMessage) error {
		fields++
		return e.field(key, raw)
	})
	if err != nil {
		return entry{}, err
	}
	if fields != 3 {
		return entry{}, fmt.Errorf("%w: tensor %q: needs dtype, shape and data_offsets", ErrMalformed, clip(name))
	}
	want, err := byteLength(name, e.dtype, e.shape)
	if err != nil {
		return entry{}, err
	}
	if e.end < e.begin || e.end-e.begin != want {
		return entry{}, fmt.Errorf("%w: tensor %q: shape %v of %s needs %d bytes, data_offsets are [%d, %d]", ErrMalformed, clip(name), e.shape, e.dtype, want, e.begin, e.end)
	}
	return e, nil
}

func (e *entry) field(key string, raw json.RawMessage) error {
	switch key {
	case "dtype":
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return fmt.Errorf("%w: tensor %q: dtype must be a string", ErrMalformed, clip(e.name))
		}
		e.dtype = DType(text)
		return nil
	case "shape":
		shape, err := e.naturals(key, raw)
		e.shape = shape
		return err
	case "data_offsets":
		offsets, err := e.naturals(key, raw)
		if err != nil {
			return err
		}
		if len(offsets) != 2 {
			return fmt.Errorf("%w: tensor %q: data_offsets must be two numbers, there are %d", ErrMalformed, clip(e.name), len(offsets))
		}
		e.begin, e.end = offsets[0], offsets[1]
		return nil
	default:
		return fmt.Errorf("%w: tensor %q: unknown field %q", ErrMalformed, clip(e.name), clip(key))
	}
}

// naturals parses an array of at most MaxDims whole numbers from 0 to the largest int, in plain decimal.
func (e *entry) naturals(key string, raw json.RawMessage) ([]int, error) {
	var numbers []json.Number
	// json.Number would also take a number in quotes.
	if err := json.Unmarshal(raw, &numbers); err != nil || numbers == nil || bytes.IndexByte(raw, '"') >= 0 {
		return nil, fmt.Errorf("%w: tensor %q: %s must be an array of numbers", ErrMalformed, clip(e.name), key)
	}
	if len(numbers) > MaxDims {
		return nil, fmt.Errorf("%w: tensor %q: %s has %d numbers, at most %d", ErrTooLarge, clip(e.name), key, len(numbers), MaxDims)
	}
	values := make([]int, len(numbers))
	for i, number := range numbers {
		value, err := strconv.ParseUint(number.String(), 10, 64)
		if err != nil || value > math.MaxInt {
			return nil, fmt.Errorf("%w: tensor %q: %s: %q is not a whole number from 0 to 2^63-1", ErrMalformed, clip(e.name), key, clip(number.String()))
		}
		values[i] = int(value)
	}
	return values, nil
}
