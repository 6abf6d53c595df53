package relay

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/relays"
	markettypes "github.com/assaychain/assay/x/market/types"
)

const (
	// maxUploads is how many boxes are taken at a time; each is in memory once.
	maxUploads = 2
	// slack is served beyond what the chain demands, so that a slow hand-over finds its receipts still good.
	slack = 10 * time.Minute
	// sweepEvery is the time between two looks for boxes that are over.
	sweepEvery = time.Minute
)

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
	config  Config
	uploads chan struct{}
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
	return &Server{config: config, uploads: make(chan struct{}, maxUploads)}, nil
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

// receive checks who hands what over before it reads the body, and never reads more than the box.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (Receipt, error) {
	p, err := parcelOf(r)
	if err != nil {
		return Receipt{}, refuse(http.StatusBadRequest, "%s", err)
	}
	hand, err := checkHand(s.config.ChainID, p, s.config.Operator, r.Header.Get(keyHeader), r.Header.Get(signatureHeader))
	if err != nil {
		return Receipt{}, refuse(http.StatusForbidden, "%s", err)
	}
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		return Receipt{}, refuse(http.StatusServiceUnavailable, "%d boxes are being taken, try again", maxUploads)
	}
	view, layout, err := s.expected(r.Context(), p, hand)
	if err != nil {
		return Receipt{}, err
	}
	expires, here := s.config.Store.Expires(p)
	if !here {
		if expires, err = s.promise(r.Context(), view); err != nil {
			return Receipt{}, err
		}
		if err := s.keep(w, r, p, layout, expires); err != nil {
			return Receipt{}, err
		}
		s.config.Log.Info("holding a box", "job", p.Job, "draw", p.Draw, "bytes", layout.Bytes(), "until", time.Unix(expires, 0).UTC())
	}
	signed := relays.Receipt{
		ChainID: s.config.ChainID, Job: p.Job, Attempt: view.Job.Attempt, Draw: p.Draw, Relay: s.config.Operator, BoxRoot: p.Root,
		Bytes: layout.Bytes(), Expires: expires,
	}
	return Receipt{
		Operator: s.config.Operator.String(), Expires: expires,
		Signature: hex.EncodeToString(ed25519.Sign(s.config.Key, signed.SignBytes())),
	}, nil
}

// expected asks the chain whether this operator is to hold a box of the job in this draw, and whether the key may hand it over.
func (s *Server) expected(ctx context.Context, p Parcel, hand sdk.AccAddress) (chain.JobView, box.Layout, error) {
	view, err := s.config.Chain.Job(ctx, p.Job)
	if errors.Is(err, chain.ErrNotFound) {
		return view, box.Layout{}, refuse(http.StatusNotFound, "the chain knows no job %d", p.Job)
	}
	if err != nil {
		return view, box.Layout{}, err
	}
	if view.Job.State != markettypes.JOB_STATE_RELAYING {
		return view, box.Layout{}, refuse(http.StatusConflict, "job %d asks for no relays now", p.Job)
	}
	record, err := s.config.Chain.Relays(ctx, p.Job)
	if err != nil {
		return view, box.Layout{}, err
	}
	if len(record.Claims) == 0 || record.Draw != p.Draw || !slices.Contains(record.Last().Operators(false), s.config.Operator.String()) {
		return view, box.Layout{}, refuse(http.StatusForbidden, "this relay was not drawn for job %d in draw %d", p.Job, p.Draw)
	}
	worker, err := sdk.AccAddressFromBech32(view.Job.Worker)
	if err != nil {
		return view, box.Layout{}, err
	}
	granted, err := s.config.Chain.MayHandOver(ctx, worker, hand)
	if err != nil {
		return view, box.Layout{}, err
	}
	if !granted && !worker.Equals(hand) {
		return view, box.Layout{}, refuse(http.StatusForbidden, "%s may not hand over for %s", hand, worker)
	}
	output, err := view.Spec.Program.Result()
	if err != nil {
		return view, box.Layout{}, err
	}
	layout, err := box.LayoutOf(output)
	return view, layout, err
}

// promise is until when a box that is taken now must be served.
func (s *Server) promise(ctx context.Context, view chain.JobView) (int64, error) {
	params, err := s.config.Chain.MarketParams(ctx)
	if err != nil {
		return 0, err
	}
	now := s.config.Now()
	left, _ := view.Remaining(now)
	return now.Add(max(left, 0) + time.Duration(params.RelayWindowSeconds)*time.Second + slack).Unix(), nil
}

func (s *Server) keep(w http.ResponseWriter, r *http.Request, p Parcel, layout box.Layout, expires int64) error {
	size := layout.Bytes()
	if r.ContentLength >= 0 && uint64(r.ContentLength) != size {
		return refuse(http.StatusBadRequest, "the body has %d bytes: the box of job %d has %d", r.ContentLength, p.Job, size)
	}
	if !s.config.Store.Fits(size) {
		return refuse(http.StatusInsufficientStorage, "%s", ErrFull)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(size)))
	if err != nil {
		return refuse(http.StatusBadRequest, "the body can't be read: %s", err)
	}
	chunks, err := layout.Cut(raw)
	if err != nil {
		return refuse(http.StatusBadRequest, "%s", err)
	}
	if root := box.Root(chunks); root != p.Root {
		return refuse(http.StatusBadRequest, "the body's root is %x", root)
	}
	err = s.config.Store.Put(p, raw, expires)
	if errors.Is(err, ErrFull) {
		return refuse(http.StatusInsufficientStorage, "%s", err)
	}
	return err
}

// Sweep deletes boxes that are over until the context ends. A box whose job is still to be contested stays, however late it is: the
// chain's time may stand still.
func (s *Server) Sweep(ctx context.Context) error {
	for {
		for _, p := range s.config.Store.Expired(s.config.Now()) {
			if s.needed(ctx, p) {
				continue
			}
			if err := s.config.Store.Delete(p); err != nil {
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
