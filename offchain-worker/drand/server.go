package drand

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/assaychain/assay/x/beacon/drand"
)

const (
	// shutdownGrace is how long requests in flight may take once the server is told to stop.
	shutdownGrace = 3 * time.Second
	// headerTimeout bounds how long a client may dawdle over its request.
	headerTimeout = 5 * time.Second
)

// Handler serves drand's interface: /info, /public/latest and /public/<round>, bare and below /<chain hash>.
func (s *Signer) Handler() http.Handler {
	mux := http.NewServeMux()
	hash := s.info.Hash()
	for _, prefix := range []string{"", "/" + hex.EncodeToString(hash[:])} {
		mux.HandleFunc("GET "+prefix+"/info", s.serveInfo)
		mux.HandleFunc("GET "+prefix+"/public/latest", s.serveLatest)
		mux.HandleFunc("GET "+prefix+"/public/{round}", s.serveRound)
	}
	return mux
}

// Serve answers on a listener until the context ends, then lets requests in flight finish and closes the listener.
func (s *Signer) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: headerTimeout}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	err := server.Serve(listener)
	if stop() { // The context is still alive: the listener failed by itself.
		return err
	}
	return <-stopped
}

func (s *Signer) serveInfo(w http.ResponseWriter, _ *http.Request) {
	respond(w, encodeInfo(s.info), nil)
}

func (s *Signer) serveLatest(w http.ResponseWriter, _ *http.Request) {
	beacon, err := s.Latest()
	respond(w, beaconJSON{Round: beacon.Round, Randomness: beacon.Randomness, Signature: beacon.Signature}, err)
}

func (s *Signer) serveRound(w http.ResponseWriter, request *http.Request) {
	round, err := strconv.ParseUint(request.PathValue("round"), 10, 64)
	if err != nil {
		http.Error(w, "round must be a number from 1", http.StatusBadRequest)
		return
	}
	beacon, err := s.Round(round)
	respond(w, beaconJSON{Round: beacon.Round, Randomness: beacon.Randomness, Signature: beacon.Signature}, err)
}

func respond(w http.ResponseWriter, body any, err error) {
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	// A client that went away is the only way this fails, and nobody is left to tell.
	_, _ = w.Write(encoded)
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, ErrNotPublished):
		return http.StatusNotFound
	case errors.Is(err, ErrOutage):
		return http.StatusServiceUnavailable
	case errors.Is(err, drand.ErrRound):
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}
