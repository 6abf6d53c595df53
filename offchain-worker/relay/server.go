package relay

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// sweepEvery is the time between two looks for boxes that are over.
const sweepEvery = time.Minute

// Chain is what a relay asks the chain.
type Chain interface {
	// Job is one job.
	Job(ctx context.Context, id uint64) (chain.JobView, error)
	// Relays is who holds, or is to hold, a job's box.
	Relays(ctx context.Context, id uint64) (markettypes.RelayRecord, error)
	// MayHandOver tells whether an operator has granted a key to hand over in its name.
	MayHandOver(ctx context.Context, operator, hotKey sdk.AccAddress) (bool, error)
	// MarketParams are the market's parameters.
	MarketParams(ctx context.Context) (markettypes.Params, error)
}

// Config is what a relay works with; every field but Now is required.
type Config struct {
	ChainID  string
	Operator sdk.AccAddress
	Key      Key
	Chain    Chain
	Store    *Store
	Log      *slog.Logger
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Server takes boxes that the chain drew this operator for, signs receipts and serves them.
type Server struct {
	config Config
	// asking and uploads hold one entry for each upload that the chain is asked about, and each that is taken.
	asking, uploads chan struct{}
	// readBase is the time that every body has, whatever its size.
	readBase time.Duration
}

// NewServer checks the configuration.
func NewServer(config Config) (*Server, error) {
	if config.ChainID == "" || config.Operator.Empty() || len(config.Key) != ed25519.PrivateKeySize || config.Chain == nil ||
		config.Store == nil || config.Log == nil {
		return nil, errors.New("relay: chain id, operator, key, chain, store and log are all required")
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Server{config: config, asking: make(chan struct{}, maxAsking), uploads: make(chan struct{}, maxUploads), readBase: readBase}, nil
}

// Receipt is what a relay answers an upload with.
type Receipt struct {
	Operator  string `json:"operator"`
	Expires   int64  `json:"expires"`
	Signature string `json:"signature"`
}

// Handler serves
//
//	PUT /boxes/<job>/<draw>/<root>  takes a box; the body is its sealed chunks one after the other, the answer a Receipt in JSON
//	GET /boxes/<job>/<draw>/<root>  gives it, in parts if asked to
//
// Only what the chain drew this operator for is taken, from a key that the job's worker granted that, in the size that the job's output
// demands and with the root that the path names.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /boxes/{job}/{draw}/{root}", s.take)
	mux.HandleFunc("GET /boxes/{job}/{draw}/{root}", s.give)
	return mux
}

func parcelOf(r *http.Request) (Parcel, error) {
	return ParseParcel(r.PathValue("job"), r.PathValue("draw"), r.PathValue("root"))
}

func (s *Server) give(w http.ResponseWriter, r *http.Request) {
	p, err := parcelOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	file, err := s.config.Store.Open(p)
	if err != nil {
		http.Error(w, "no such box is here", http.StatusNotFound)
		return
	}
	// Only read, where closing has nothing to lose.
	defer func() { _ = file.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=3600, immutable")
	http.ServeContent(w, r, "", time.Time{}, file)
}

// refusal is an answer that says why.
type refusal struct {
	status int
	reason string
}

func (e *refusal) Error() string { return e.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	receipt, err := s.receive(w, r)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		http.Error(w, refused.reason, refused.status)
	case err != nil:
		s.config.Log.Error("a box could not be taken", "error", err)
		http.Error(w, "the relay failed", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		// The client is gone if this fails, and asks again.
		_ = json.NewEncoder(w).Encode(receipt)
	}
}

// Sweep deletes boxes that are over until the context ends. A box whose job is still to be contested stays, however late it is: the
// chain's time may stand still.
func (s *Server) Sweep(ctx context.Context) error {
	for {
		now := s.config.Now()
		for _, p := range s.config.Store.Expired(now) {
			if s.needed(ctx, p) {
				continue
			}
			if err := s.config.Store.Delete(p, now); err != nil {
				s.config.Log.Error("a box that is over could not be deleted", "job", p.Job, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(sweepEvery):
		}
	}
}

// needed tells whether the customer may still need the box; also when the chain can't be asked.
func (s *Server) needed(ctx context.Context, p Parcel) bool {
	view, err := s.config.Chain.Job(ctx, p.Job)
	if errors.Is(err, chain.ErrNotFound) {
		return false
	}
	return err != nil || view.Job.State == markettypes.JOB_STATE_HANDED_OVER
}
