package gpu

import (
	"errors"
	"fmt"
	"io"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// Serve answers one worker until it closes the connection, and returns at once then, even while the device is at work: who
// waits for a worker that is gone must not be kept by a device that hangs. It returns what broke the connection; what goes wrong
// on the device is told to the worker.
func Serve(conn *protocol.Conn, adapters *Adapters) error {
	if err := conn.Send(protocol.Hello{Adapters: adapters.Listed()}); err != nil {
		return err
	}
	s := &server{conn: conn, adapters: adapters, answered: make(chan error, 1)}
	s.answered <- nil
	for {
		// The worker sends a request only after the answer to the last. Waiting for it while answering shows when the worker ends.
		frame, err := conn.Await()
		if errors.Is(err, io.EOF) {
			return s.close()
		}
		if err != nil {
			return err
		}
		if err := <-s.answered; err != nil {
			return err
		}
		request, err := conn.Body(frame)
		if err != nil {
			return err
		}
		go s.reply(request)
	}
}

// reason cuts an error to what a message holds.
func reason(err error) string {
	text := valid(err.Error())
	if len(text) > protocol.MaxText {
		text = valid(text[:protocol.MaxText-len("?")])
	}
	if text == "" {
		return "unknown"
	}
	return text
}

type server struct {
	conn     *protocol.Conn
	adapters *Adapters
	device   *Device
	// answered holds a value while no request is in work: why its answer could not be sent, usually nil.
	answered chan error
}

func (s *server) reply(request protocol.Message) {
	answer, err := s.answer(request)
	if err != nil {
		answer = protocol.Failed{Reason: reason(err)}
	}
	s.answered <- s.conn.Send(answer)
}

func (s *server) answer(request protocol.Message) (protocol.Message, error) {
	if open, ok := request.(protocol.Open); ok {
		return protocol.Done{}, s.open(open.Adapter)
	}
	if s.device == nil {
		return nil, fmt.Errorf("%T before an adapter is open", request)
	}
	switch m := request.(type) {
	case protocol.Load:
		return protocol.Done{}, s.device.Load(m)
	case protocol.Multiply:
		return protocol.Done{}, s.device.Multiply(m)
	case protocol.Read:
		raw, err := s.device.Read()
		return protocol.Entries{Raw: raw}, err
	}
	return nil, fmt.Errorf("%T is no request", request)
}

func (s *server) open(adapter uint32) error {
	if s.device != nil {
		return errors.New("an adapter is open already")
	}
	listed := s.adapters.Listed()
	tiled := uint64(adapter) < uint64(len(listed)) && !listed[adapter].Software
	var err error
	s.device, err = s.adapters.Open(adapter, tiled)
	return err
}

// close frees the device unless it is at work.
func (s *server) close() error {
	select {
	case err := <-s.answered:
		if s.device != nil {
			s.device.Close()
		}
		return err
	default:
		return nil
	}
}
