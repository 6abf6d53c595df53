package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assaychain/assay/offchain-worker/formats/internal/atomicfile"
)

// Encode returns the file: the same bytes for the same contents. Tensors lie in descending order of element size, then by name,
// and the header is padded with spaces to a multiple of 8 bytes, so that every element is aligned; both as the format's reference
// implementation does it.
func (f *File) Encode() ([]byte, error) {
	names, err := f.layout()
	if err != nil {
		return nil, err
	}
	header, size, err := f.header(names)
	if err != nil {
		return nil, err
	}
	if len(header) > MaxHeaderLength {
		return nil, fmt.Errorf("%w: header length %d, at most %d", ErrTooLarge, len(header), MaxHeaderLength)
	}
	out := make([]byte, 0, lengthBytes+len(header)+size)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(header)))
	out = append(out, header...)
	for _, name := range names {
		out = append(out, f.Tensors[name].Data...)
	}
	return out, nil
}

// layout checks every tensor and returns the names in the order of their data.
func (f *File) layout() ([]string, error) {
	if len(f.Tensors) > MaxTensors {
		return nil, fmt.Errorf("%w: %d tensors, at most %d", ErrTooLarge, len(f.Tensors), MaxTensors)
	}
	names := f.Names()
	for _, name := range names {
		if name == metadataKey || !utf8.ValidString(name) {
			return nil, fmt.Errorf("%w: %q cannot name a tensor", ErrMalformed, clip(name))
		}
		if err := f.Tensors[name].check(name); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return f.Tensors[b].DType.Size() - f.Tensors[a].DType.Size()
	})
	return names, nil
}

// header returns the padded header and the size of the buffer.
func (f *File) header(names []string) ([]byte, int, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	if len(f.Metadata) > 0 {
		metadata, err := f.encodeMetadata()
		if err != nil {
			return nil, 0, err
		}
		fmt.Fprintf(&out, "%q:%s,", metadataKey, metadata)
	}
	offset := 0
	for _, name := range names {
		tensor := f.Tensors[name]
		key, err := marshal(name)
		if err != nil {
			return nil, 0, err
		}
		end := offset + len(tensor.Data)
		shape := strings.ReplaceAll(fmt.Sprint(tensor.Shape), " ", ",")
		fmt.Fprintf(&out, "%s:{\"dtype\":%q,\"shape\":%s,\"data_offsets\":[%d,%d]},", key, string(tensor.DType), shape, offset, end)
		offset = end
	}
	if out.Len() > 1 {
		out.Truncate(out.Len() - 1)
	}
	out.WriteByte('}')
	for out.Len()%8 != 0 {
		out.WriteByte(' ')
	}
	return out.Bytes(), offset, nil
}

func (f *File) encodeMetadata() ([]byte, error) {
	for key, value := range f.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("%w: %s: %q is not UTF-8", ErrMalformed, metadataKey, clip(key))
		}
	}
	return marshal(f.Metadata) // encoding/json sorts the keys.
}

func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode header: %w", err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// WriteFile writes the contents to a file, whole or not at all: a failure leaves an older file as it was.
func WriteFile(path string, f *File) error {
	data, err := f.Encode()
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return atomicfile.Write(path, data)
}
