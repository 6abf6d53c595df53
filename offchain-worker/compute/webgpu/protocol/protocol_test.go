package protocol

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func messages() []Message {
	return []Message{
		Hello{}, Hello{Adapters: []Adapter{{}, {Vendor: 0x10de, Software: true, Memory: 1 << 40, UUID: [16]byte{1, 15: 2}, Name: "Ünïcode"}}},
		Open{Adapter: 3}, Load{Side: 1, Rows: 2, Stride: 8, Values: make([]byte, 16)}, Multiply{Row: 1, Col: 2, Rows: 3, Cols: 4, From: 5, To: 6},
		Read{}, Done{}, Entries{Raw: []byte{1, 0, 0, 128}}, Failed{Reason: "out of memory"},
	}
}

func encode(t require.TestingT, m Message) []byte {
	var out bytes.Buffer
	require.NoError(t, NewConn(nil, &out).Send(m))
	return out.Bytes()
}

func TestMessagesArriveAsTheyWereSent(t *testing.T) {
	var stream bytes.Buffer
	c := NewConn(&stream, &stream)
	for range 2 {
		for _, m := range messages() {
			require.NoError(t, c.Send(m))
			got, err := c.Receive()
			require.NoError(t, err)
			require.Equal(t, m, got)
		}
	}
	_, err := c.Receive()
	require.Equal(t, io.EOF, err)
}

func TestDrawnMessages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u32, rows, stride := rapid.Uint32Range(0, MaxPanel), rapid.Uint32Range(1, 90).Draw(t, "rows"), 4*rapid.Uint32Range(1, 90).Draw(t, "stride")
		for _, m := range []Message{
			Hello{Adapters: []Adapter{{
				Vendor: rapid.Uint32().Draw(t, "vendor"), Memory: rapid.Uint64().Draw(t, "memory"), Name: rapid.StringN(0, 99, 400).Draw(t, "name"),
			}}},
			Load{Side: uint8(rows % 2), Rows: rows, Stride: stride, Values: bytes.Repeat([]byte{byte(rows)}, int(rows*stride))},
			Multiply{Row: u32.Draw(t, "row"), Col: u32.Draw(t, "col"), Rows: rows, Cols: stride, From: rows, To: rows + stride},
		} {
			got, err := NewConn(bytes.NewReader(encode(t, m)), nil).Receive()
			require.NoError(t, err)
			require.Equal(t, m, got)
		}
	})
}

func TestEntriesAreTheSameNumbersHoweverTheyLie(t *testing.T) {
	memory := []byte{9, 9, 9, 9, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80, 7, 7, 7}
	for offset := range 4 {
		m := Entries{Raw: append([]byte(nil), memory[:offset+12]...)[offset:]}
		require.Len(t, m.Int32s(), 3)
		require.Equal(t, m.decoded(), m.Int32s())
	}
	require.Equal(t, []int32{1, -1, math.MinInt32}, Entries{Raw: memory[4:16]}.Int32s())
}

func TestTornMessages(t *testing.T) {
	for _, m := range messages() {
		whole := encode(t, m)
		for n := 1; n < len(whole); n++ {
			_, err := NewConn(bytes.NewReader(whole[:n]), nil).Receive()
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%T cut to %d bytes", m, n)
		}
	}
}

func TestRefusals(t *testing.T) {
	hello := encode(t, messages()[1])
	changed := func(raw []byte, at int, to byte) []byte {
		out := bytes.Clone(raw)
		out[at] = to
		return out
	}
	multiply := encode(t, messages()[4])
	for name, raw := range map[string][]byte{
		"kind 0": {0, 0, 0, 0, 0}, "unknown kind": {0, 0, 0, 0, kindEnd}, "a gigabyte": {0, 0, 0, 64, kindLoad}, "text": []byte("panic: runtime error"),
		"done with a body": {1, 0, 0, 0, kindDone, 0}, "empty failure": {0, 0, 0, 0, kindFailed}, "failure no UTF-8": {1, 0, 0, 0, kindFailed, 0xff},
		"odd entries": {5, 0, 0, 0, kindEntries, 1, 2, 3, 4, 5}, "magic": changed(hello, 5, 'a'), "version": changed(hello, 13, 2),
		"too few adapters": changed(hello, 15, 1), "too many adapters": changed(hello, 15, 3), "300 adapters": changed(hello, 16, 2),
		"flag": changed(hello, 21, 2), "name": changed(hello, frameHead+helloHead+29, 1), "side": changed(encode(t, messages()[3]), 5, 2),
		"rows": changed(encode(t, messages()[3]), 6, 3), "stride": changed(encode(t, messages()[3]), 10, 7), "no rows": changed(multiply, 13, 0),
		"no depth": changed(multiply, 21, 6), "depth": changed(multiply, 26, 0x41), "entries": changed(multiply, 15, 0x40),
	} {
		m, err := NewConn(bytes.NewReader(raw), nil).Receive()
		require.ErrorIs(t, err, ErrFrame, "%s: %v", name, m)
	}
	for _, m := range []Message{
		Failed{}, Failed{Reason: strings.Repeat("a", MaxText+1)}, Entries{}, Load{Side: 0, Rows: 1, Stride: 4}, Hello{Adapters: make([]Adapter, 9000)},
	} {
		require.ErrorIs(t, NewConn(nil, io.Discard).Send(m), ErrFrame)
	}
}

func TestAnAnnouncedLengthAllocatesLittle(t *testing.T) {
	c := NewConn(bytes.NewReader([]byte{0, 0, 0, 4, kindLoad, 0, 0, 0}), nil)
	_, err := c.Receive()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.LessOrEqual(t, cap(c.body), 2*chunk)
}

// FuzzReceive feeds a stream to the decoder: what it takes must be the only encoding of what it makes of it.
func FuzzReceive(f *testing.F) {
	for _, m := range messages() {
		f.Add(encode(f, m))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := bytes.NewReader(stream)
		c := NewConn(in, nil)
		for {
			start := len(stream) - in.Len()
			m, err := c.Receive()
			if err != nil {
				require.Nil(t, m)
				return
			}
			require.Equal(t, stream[start:len(stream)-in.Len()], encode(t, m))
		}
	})
}
