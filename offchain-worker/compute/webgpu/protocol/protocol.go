// Package protocol is what a worker and its GPU process, assay-gpu, say to each other over the process's standard input and
// output. The process speaks first: Hello. Then the worker asks one thing at a time, and each request has one answer:
//
//	Open, Load, Multiply   Done or Failed
//	Read                   Entries or Failed
//
// A frame is the body's length (uint32), the message's kind (one byte) and the body. Numbers are little-endian. There is one
// encoding of every message, and decoding refuses everything else.
package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Version is part of Hello; a process of another version is refused.
const Version = 1

// Bounds of what a message may hold.
const (
	// MaxPanel is the largest panel in bytes, 64 MiB.
	MaxPanel = 64 << 20
	// MaxEntries is the most entries of a block; they take four bytes each.
	MaxEntries = 4 << 20
	// MaxStride is the longest row of a panel, in values.
	MaxStride = 1 << 16
	// MaxAdapters is the most adapters of a machine.
	MaxAdapters = 256
	// MaxText is the longest name or error, in bytes.
	MaxText = 1 << 10
)

// word is the number of values that are multiplied at a time; strides are multiples of it.
const word = 4

// magic begins every Hello, so that another program's output is recognised at once.
const magic = "ASSAYGPU"

// ErrFrame is wrapped by every refusal of what the other side sent.
var ErrFrame = errors.New("malformed message")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFrame, fmt.Sprintf(format, args...))
}

// Message is one of this package's messages.
type Message interface {
	kind() byte
	// head is the body up to the part that is sent as it is, which is the tail.
	head() []byte
	tail() []byte
}

const (
	kindHello byte = iota + 1
	kindOpen
	kindLoad
	kindMultiply
	kindRead
	kindDone
	kindEntries
	kindFailed
	kindEnd
)

// Sizes of heads, and of what a Hello holds of an adapter before its name.
const (
	helloHead    = len(magic) + 2 + 2
	adapterHead  = 4 + 1 + 8 + 16 + 2
	openSize     = 4
	loadHead     = 1 + 4 + 4
	multiplySize = 6 * 4
)

// limits are the lengths that the bodies of a kind may have.
var limits = [kindEnd]struct{ least, most int }{
	kindHello:    {helloHead, helloHead + MaxAdapters*(adapterHead+MaxText)},
	kindOpen:     {openSize, openSize},
	kindLoad:     {loadHead + word, loadHead + MaxPanel},
	kindMultiply: {multiplySize, multiplySize},
	kindRead:     {0, 0},
	kindDone:     {0, 0},
	kindEntries:  {4, 4 * MaxEntries},
	kindFailed:   {1, MaxText},
}

// Hello is the process's first message.
type Hello struct{ Adapters []Adapter }

// Adapter is a device that the process can open.
type Adapter struct {
	// Vendor is the maker's PCI id.
	Vendor uint32
	// Software is set for adapters that compute on the CPU.
	Software bool
	// Memory is the device's own memory in bytes, 0 if unknown.
	Memory uint64
	// UUID is the driver's, zero if it tells none.
	UUID [16]byte
	// Name is the model, UTF-8 of at most MaxText bytes.
	Name string
}

func (Hello) kind() byte   { return kindHello }
func (Hello) tail() []byte { return nil }
func (m Hello) head() []byte {
	b := binary.LittleEndian.AppendUint16([]byte(magic), Version)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(m.Adapters)))
	for _, a := range m.Adapters {
		b = binary.LittleEndian.AppendUint32(b, a.Vendor)
		software := byte(0)
		if a.Software {
			software = 1
		}
		b = append(b, software)
		b = binary.LittleEndian.AppendUint64(b, a.Memory)
		b = append(b, a.UUID[:]...)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(a.Name)))
		b = append(b, a.Name...)
	}
	return b
}

func decodeHello(b []byte) (Message, error) {
	if string(b[:len(magic)]) != magic {
		return nil, malformed("not the start of an assay-gpu")
	}
	b = b[len(magic):]
	if version := binary.LittleEndian.Uint16(b); version != Version {
		return nil, malformed("version %d of the protocol, this worker speaks %d", version, Version)
	}
	count := int(binary.LittleEndian.Uint16(b[2:]))
	if count > MaxAdapters {
		return nil, malformed("%d adapters, at most %d", count, MaxAdapters)
	}
	b = b[4:]
	var m Hello
	for range count {
		adapter, rest, err := decodeAdapter(b)
		if err != nil {
			return nil, err
		}
		m.Adapters, b = append(m.Adapters, adapter), rest
	}
	if len(b) > 0 {
		return nil, malformed("%d bytes after the last adapter", len(b))
	}
	return m, nil
}

func decodeAdapter(b []byte) (Adapter, []byte, error) {
	if len(b) < adapterHead {
		return Adapter{}, nil, malformed("adapter of %d bytes, at least %d", len(b), adapterHead)
	}
	a := Adapter{Vendor: binary.LittleEndian.Uint32(b), Software: b[4] == 1, Memory: binary.LittleEndian.Uint64(b[5:])}
	copy(a.UUID[:], b[13:])
	size, rest := int(binary.LittleEndian.Uint16(b[29:])), b[adapterHead:]
	if b[4] > 1 || size > MaxText || size > len(rest) || !utf8.Valid(rest[:size]) {
		return Adapter{}, nil, malformed("adapter with flag %d and a name of %d bytes, or not in UTF-8", b[4], size)
	}
	a.Name = string(rest[:size])
	return a, rest[size:], nil
}

// Open chooses the adapter of that number in Hello.
type Open struct{ Adapter uint32 }

func (Open) kind() byte     { return kindOpen }
func (Open) tail() []byte   { return nil }
func (m Open) head() []byte { return binary.LittleEndian.AppendUint32(nil, m.Adapter) }

// Read asks for the entries of the last block.
type Read struct{}

func (Read) kind() byte   { return kindRead }
func (Read) head() []byte { return nil }
func (Read) tail() []byte { return nil }

// Done says that a request is fulfilled.
type Done struct{}

func (Done) kind() byte   { return kindDone }
func (Done) head() []byte { return nil }
func (Done) tail() []byte { return nil }

// Failed says why a request can't be fulfilled, in 1 to MaxText bytes of UTF-8.
type Failed struct{ Reason string }

func (Failed) kind() byte     { return kindFailed }
func (m Failed) head() []byte { return []byte(m.Reason) }
func (Failed) tail() []byte   { return nil }
