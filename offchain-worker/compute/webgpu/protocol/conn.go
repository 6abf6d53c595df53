package protocol

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// frameHead is the length of the body and the kind.
const frameHead = 4 + 1

// chunk bounds what is allocated for a body before its bytes have come.
const chunk = 1 << 20

// Conn sends and receives messages. It must not be used by several goroutines at a time, but one may send while another receives.
type Conn struct {
	in  io.Reader
	out io.Writer
	// body holds the last message received.
	body []byte
}

// NewConn talks over two pipes.
func NewConn(in io.Reader, out io.Writer) *Conn { return &Conn{in: in, out: out} }

// Send writes a message, or returns ErrFrame if it is out of bounds: the other side would refuse it.
func (c *Conn) Send(m Message) error {
	head, tail := m.head(), m.tail()
	size := len(head) + len(tail)
	if err := checkLength(m.kind(), size); err != nil {
		return err
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(size))
	frame = append(append(frame, m.kind()), head...)
	if _, err := c.out.Write(frame); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if len(tail) == 0 {
		return nil
	}
	if _, err := c.out.Write(tail); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// Receive waits for the next message. It returns io.EOF when the other side ended between messages, and ErrFrame for what is
// no message.
func (c *Conn) Receive() (Message, error) {
	frame, err := c.Await()
	if err != nil {
		return nil, err
	}
	return c.Body(frame)
}

// Frame is a message whose body was not received yet.
type Frame struct {
	kind byte
	size int
}

// Await waits for the next message as Receive does, and leaves the last one valid.
func (c *Conn) Await() (Frame, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(c.in, head[:]); err == io.EOF {
		return Frame{}, io.EOF
	} else if err != nil {
		return Frame{}, fmt.Errorf("receive: %w", err)
	}
	size, kind := binary.LittleEndian.Uint32(head[:]), head[4]
	if size > MaxPanel+loadHead {
		return Frame{}, malformed("kind %d of %d bytes", kind, size)
	}
	return Frame{kind: kind, size: int(size)}, checkLength(kind, int(size))
}

// Body receives the rest of the message that Await announced.
func (c *Conn) Body(frame Frame) (Message, error) {
	if err := c.fill(frame.size); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return decode(frame.kind, c.body)
}

// fill reads a body, allocating no more than a chunk ahead of what has come.
func (c *Conn) fill(size int) error {
	c.body = c.body[:0]
	for len(c.body) < size {
		have := len(c.body)
		c.body = slices.Grow(c.body, min(chunk, size-have))
		next := c.body[have:min(size, cap(c.body))]
		c.body = c.body[:have+len(next)]
		if _, err := io.ReadFull(c.in, next); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
	return nil
}

func checkLength(kind byte, size int) error {
	if kind == 0 || kind >= kindEnd {
		return malformed("kind %d", kind)
	}
	if bounds := limits[kind]; size < bounds.least || size > bounds.most {
		return malformed("kind %d of %d bytes, must have %d to %d", kind, size, bounds.least, bounds.most)
	}
	return nil
}
