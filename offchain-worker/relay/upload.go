package relay

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	// maxAsking is how many uploads the chain is asked about at a time. Anybody can make a key and ask, so these don't count as uploads.
	maxAsking = 16
	// maxUploads is how many boxes are taken at a time; each is in memory once.
	maxUploads = 2
	// slack is served beyond what the chain demands, so that a slow hand-over finds its receipts still good.
	slack = 10 * time.Minute
	// readBase and readPerMiB bound the time of a box's body: whoever is slower would keep others out.
	readBase, readPerMiB = 30 * time.Second, 5 * time.Second
)

// enter takes one of a semaphore's places, and refuses when there is none; leave gives it back.
func enter(places chan struct{}, doing string) (leave func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		return nil, refuse(http.StatusServiceUnavailable, "%d boxes are being %s, try again", cap(places), doing)
	}
}

// demand is what the chain says of an upload.
type demand struct {
	view   chain.JobView
	layout box.Layout
	// expires is until when a box that is taken now must be served.
	expires int64
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
	asked, err := s.ask(r.Context(), p, hand)
	if err != nil {
		return Receipt{}, err
	}
	// Who asks again is promised more time: the receipt of before may be too short for the chain by now.
	expires, err := s.config.Store.Extend(p, asked.expires)
	if errors.Is(err, ErrNoBox) {
		if err = s.keep(w, r, p, asked); err == nil {
			// Two uploads of one box at the same time leave the one that came first.
			expires, err = s.config.Store.Extend(p, asked.expires)
		}
	}
	if err != nil {
		return Receipt{}, err
	}
	signed := relays.Receipt{
		ChainID: s.config.ChainID, Job: p.Job, Attempt: asked.view.Job.Attempt, Draw: p.Draw, Relay: s.config.Operator, BoxRoot: p.Root,
		Bytes: asked.layout.Bytes(), Expires: expires,
	}
	return Receipt{
		Operator: s.config.Operator.String(), Expires: expires,
		Signature: hex.EncodeToString(ed25519.Sign(s.config.Key, signed.SignBytes())),
	}, nil
}

// ask asks the chain all there is to ask about an upload.
func (s *Server) ask(ctx context.Context, p Parcel, hand sdk.AccAddress) (d demand, err error) {
	leave, err := enter(s.asking, "asked about")
	if err != nil {
		return d, err
	}
	defer leave()
	if d.view, d.layout, err = s.expected(ctx, p, hand); err != nil {
		return d, err
	}
	d.expires, err = s.promise(ctx, d.view)
	return d, err
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

// keep reads a box and puts it on the disk.
func (s *Server) keep(w http.ResponseWriter, r *http.Request, p Parcel, asked demand) error {
	size := asked.layout.Bytes()
	if r.ContentLength >= 0 && uint64(r.ContentLength) != size {
		return refuse(http.StatusBadRequest, "the body has %d bytes: the box of job %d has %d", r.ContentLength, p.Job, size)
	}
	if err := s.config.Store.Check(p, size); err != nil {
		return unkept(err)
	}
	leave, err := enter(s.uploads, "taken")
	if err != nil {
		return err
	}
	defer leave()
	limit := time.Now().Add(s.readBase + time.Duration(size)*readPerMiB/(1<<20))
	if err := http.NewResponseController(w).SetReadDeadline(limit); err != nil {
		return fmt.Errorf("bound the time of an upload: %w", err)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(size)))
	if err != nil {
		return refuse(http.StatusBadRequest, "the body can't be read: %s", err)
	}
	chunks, err := asked.layout.Cut(raw)
	if err != nil {
		return refuse(http.StatusBadRequest, "%s", err)
	}
	if root := box.Root(chunks); root != p.Root {
		return refuse(http.StatusBadRequest, "the body's root is %x", root)
	}
	if err := s.config.Store.Put(p, raw, asked.expires); err != nil {
		return unkept(err)
	}
	s.config.Log.Info("holding a box", "job", p.Job, "draw", p.Draw, "bytes", size, "until", time.Unix(asked.expires, 0).UTC())
	return nil
}

// unkept says why the store does not keep a box.
func unkept(err error) error {
	switch {
	case errors.Is(err, ErrFull):
		return refuse(http.StatusInsufficientStorage, "%s", err)
	case errors.Is(err, ErrManyRoots):
		return refuse(http.StatusConflict, "%s", err)
	default:
		return err
	}
}
