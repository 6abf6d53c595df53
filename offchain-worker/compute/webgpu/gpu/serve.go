package gpu

import (
	"errors"
	"fmt"
	"io"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// Serve answers one worker until it closes the connection. It returns what broke the connection; what goes wrong on the device is told to
// the worker.
func Serve(conn *protocol.Conn, adapters *Adapters) error {
	if err := conn.Send(protocol.Hello{Adapters: adapters.Listed()}); err != nil {
		return err
	}
	s := &server{adapters: adapters}
	defer s.close()
	for {
		request, err := conn.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, err := s.answer(request)
		if err != nil {
			answer = protocol.Failed{Reason: reason(err)}
		}
		if err := conn.Send(answer); err != nil {
			return err
		}
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
	adapters *Adapters
	device   *Device
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

func (s *server) close() {
	if s.device != nil {
		s.device.Close()
	}
}
