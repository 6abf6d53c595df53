package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"unicode/utf8"
)

// lengthBytes is the size of the header length in front of the header.
const lengthBytes = 8

// ReadFile reads a file of at most limit bytes.
func ReadFile(path string, limit int64) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open tensors: %w", err)
	}
	defer file.Close() // Read-only: closing cannot lose data.
	tensors, err := Read(file, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}

// Read reads a file of at most limit bytes that ends where r ends.
func Read(r io.Reader, limit int64) (*File, error) {
	if limit < 0 || limit == math.MaxInt64 {
		return nil, fmt.Errorf("%w: limit %d must be at least 0 and less than 2^63-1", ErrTooLarge, limit)
	}
	// One byte more than allowed tells a file at the limit from one beyond it.
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read tensors: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: more than the limit of %d bytes", ErrTooLarge, limit)
	}
	return Decode(data)
}

// Decode parses a whole file. The tensors' data aliases the file's bytes.
func Decode(data []byte) (*File, error) {
	text, buffer, err := split(data)
	if err != nil {
		return nil, err
	}
	parsed, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	if err := parsed.cover(len(buffer)); err != nil {
		return nil, err
	}
	file := &File{Metadata: parsed.metadata, Tensors: make(map[string]*Tensor, len(parsed.entries))}
	for _, e := range parsed.entries {
		file.Tensors[e.name] = &Tensor{DType: e.dtype, Shape: e.shape, Data: buffer[e.begin:e.end:e.end]}
	}
	return file, nil
}

// split cuts a file into header and buffer.
func split(data []byte) (header, buffer []byte, err error) {
	if len(data) < lengthBytes {
		return nil, nil, fmt.Errorf("%w: header length: %d bytes, needs %d", ErrMalformed, len(data), lengthBytes)
	}
	length := binary.LittleEndian.Uint64(data)
	data = data[lengthBytes:]
	if length > MaxHeaderLength {
		return nil, nil, fmt.Errorf("%w: header length %d, at most %d", ErrTooLarge, length, MaxHeaderLength)
	}
	if length > uint64(len(data)) {
		return nil, nil, fmt.Errorf("%w: truncated: header length %d, but only %d bytes follow", ErrMalformed, length, len(data))
	}
	return data[:length], data[length:], nil
}

// entry is a tensor's record in the header; begin and end are offsets into the buffer.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end int
}

type header struct {
	metadata map[string]string
	entries  []entry
}

// cover verifies that the tensors, taken by offset, fill the buffer without gap or overlap, and sorts them so.
func (h *header) cover(size int) error {
	slices.SortFunc(h.entries, func(a, b entry) int {
		if a.begin != b.begin {
			return a.begin - b.begin
		}
		return a.end - b.end
	})
	next := 0
	for _, e := range h.entries {
		if e.begin < next {
			return fmt.Errorf("%w: tensor %q: data_offsets [%d, %d] overlap the tensor before, which ends at %d", ErrMalformed, clip(e.name), e.begin, e.end, next)
		}
		if e.begin > next {
			return fmt.Errorf("%w: tensor %q: data_offsets [%d, %d] leave a gap after %d", ErrMalformed, clip(e.name), e.begin, e.end, next)
		}
		if e.end > size {
			return fmt.Errorf("%w: truncated: tensor %q ends at %d, the buffer has %d bytes", ErrMalformed, clip(e.name), e.end, size)
		}
		next = e.end
	}
	if next != size {
		return fmt.Errorf("%w: %d bytes after the last tensor", ErrMalformed, size-next)
	}
	return nil
}

// parseHeader parses the header's JSON object.
func parseHeader(text []byte) (*header, error) {
	if len(text) == 0 || text[0] != '{' {
		return nil, fmt.Errorf("%w: header does not start with {", ErrMalformed)
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: header is not UTF-8", ErrMalformed)
	}
	parsed := &header{}
	if err := eachMember(text, "header", parsed.member); err != nil {
		return nil, err
	}
	return parsed, nil
}

// member reads one member of the header: the metadata or a tensor.
func (h *header) member(name string, value json.RawMessage) error {
	if name == metadataKey {
		return h.readMetadata(value)
	}
	if len(h.entries) == MaxTensors {
		return fmt.Errorf("%w: more than %d tensors", ErrTooLarge, MaxTensors)
	}
	e, err := parseEntry(name, value)
	if err != nil {
		return err
	}
	h.entries = append(h.entries, e)
	return nil
}

func (h *header) readMetadata(value json.RawMessage) error {
	h.metadata = map[string]string{}
	return eachMember(value, metadataKey, func(key string, raw json.RawMessage) error {
		if len(raw) == 0 || raw[0] != '"' {
			return fmt.Errorf("%w: %s: value of %q must be a string", ErrMalformed, metadataKey, clip(key))
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return fmt.Errorf("%w: %s: value of %q: %v", ErrMalformed, metadataKey, clip(key), err)
		}
		h.metadata[key] = text
		return nil
	})
}

// eachMember calls visit for every member of a JSON object, in order. It refuses a key that appears twice, which encoding/json
// alone would let the last one win, and anything but spaces after the object.
func eachMember(text []byte, what string, visit func(key string, value json.RawMessage) error) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return fmt.Errorf("%w: %s must be a JSON object", ErrMalformed, clip(what))
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return fmt.Errorf("%w: %s: %v", ErrMalformed, clip(what), err)
		}
		key, isString := token.(string)
		if !isString || seen[key] {
			return fmt.Errorf("%w: %s: key %q appears twice", ErrMalformed, clip(what), clip(fmt.Sprint(token)))
		}
		seen[key] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return fmt.Errorf("%w: %s: value of %q: %v", ErrMalformed, clip(what), clip(key), err)
		}
		if err := visit(key, value); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return fmt.Errorf("%w: %s: %v", ErrMalformed, clip(what), err)
	}
	if rest := bytes.TrimRight(text[decoder.InputOffset():], " "); len(rest) > 0 {
		return fmt.Errorf("%w: %s: %d bytes after the JSON object", ErrMalformed, clip(what), len(rest))
	}
	return nil
}
