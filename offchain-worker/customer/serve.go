package customer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/assaychain/assay/offchain-worker/blob"
)

// InputServer serves a job's inputs from this machine.
type InputServer struct {
	server   *http.Server
	listener net.Listener
}

// ServeInputs listens on an address, 127.0.0.1:0 for any free port, and serves the blobs of a store until Close.
func ServeInputs(address string, store *blob.Store) (*InputServer, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve inputs: %w", err)
	}
	s := &InputServer{server: blob.NewServer(address, blob.Handler(store, nil)), listener: listener}
	go func() {
		// Serve always ends with an error; Close is the only way it does while the listener lives.
		_ = s.server.Serve(listener)
	}()
	return s, nil
}

// Address is where it listens, host:port.
func (s *InputServer) Address() string { return s.listener.Addr().String() }

// Close ends it; transfers under way get a moment to finish.
func (s *InputServer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(err, s.server.Close())
	}
	return nil
}

// Locator is the URL of a blob below a base URL, as InputServer and workers lay blobs out.
func Locator(base string, root blob.Root) string {
	return blob.Locator(base, root)
}
