package runner

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/x/market/box"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// maxUpload bounds the time of one round of uploads; half of what is left to the deadline does too.
const maxUpload = 10 * time.Minute

// Couriers bring a sealed box to a relay.
type Couriers interface {
	// Upload returns the relay's receipt, whose signature is checked.
	Upload(ctx context.Context, s relay.Shipment) (markettypes.RelayReceipt, error)
}

// Sealing is what makes a draw's box the same however often it is sealed: the seed of its ephemeral key.
type Sealing struct {
	Draw uint32 `json:"draw"`
	Seed []byte `json:"seed"`
}

// handOver answers a claim through relays. It journals what the box is sealed with, so that a worker that starts again hands over the
// same box, and sends what it was given receipts for once enough relays have answered.
func (t *task) handOver(ctx context.Context, view chain.JobView) (bool, error) {
	if t.runner.config.Couriers == nil {
		return false, errors.New("the claim must be answered through relays, which this worker can't reach")
	}
	record, err := t.runner.config.Market.Relays(ctx, view.Job.Id)
	if err != nil {
		return false, err
	}
	if len(record.Claims) == 0 || len(record.Last().Relays) == 0 {
		return false, nil
	}
	if t.progress.Sealing.Draw != record.Draw {
		seed := make([]byte, 32)
		if _, err := rand.Read(seed); err != nil {
			return false, fmt.Errorf("seed of a box: %w", err)
		}
		return true, t.record(journal.StepBoxed, Sealing{Draw: record.Draw, Seed: seed}, 0)
	}
	kind, err := t.runner.config.Kinds.Kind(view.Spec.Policy)
	if err != nil {
		return false, err
	}
	sealed, err := kind.Box(ctx, t.assignment(view), t.progress.Trace, t.progress.Sealing)
	if errors.Is(err, ErrWithheld) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("seal for relays: %w", err)
	}
	receipts, err := t.collect(ctx, view, &record, sealed)
	if err != nil {
		return false, err
	}
	root := sealed.Root()
	err = t.send(ctx, journal.StepHandOverIntent, &markettypes.MsgHandOver{
		Worker: t.runner.config.Operator.String(), JobId: view.Job.Id, Draw: record.Draw, EphemeralKey: sealed.Key, BoxRoot: root[:],
		Receipts: receipts,
	})
	if err != nil {
		t.receipts = nil // They may be too short by now; a relay that is asked again promises more time.
	}
	return true, err
}

// collect uploads the box to every relay drawn at once, and returns the receipts in the order drawn. Those of an earlier try are kept.
func (t *task) collect(
	ctx context.Context, view chain.JobView, record *markettypes.RelayRecord, sealed *box.Sealed,
) ([]markettypes.RelayReceipt, error) {
	limit := maxUpload
	if left, ok := view.Remaining(t.runner.config.Now()); ok {
		limit = min(limit, max(left/2, time.Second))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	claim := record.Last()
	parcel := relay.Parcel{Job: view.Job.Id, Draw: record.Draw, Root: sealed.Root()}
	if t.receipts == nil || t.receiptsOf != parcel {
		t.receipts, t.receiptsOf = make([]*markettypes.RelayReceipt, len(claim.Relays)), parcel
	}
	whole, failures := sealed.Bytes(), make([]error, len(claim.Relays))
	var wait sync.WaitGroup
	for i, drawn := range claim.Relays {
		if t.receipts[i] != nil {
			continue
		}
		wait.Go(func() {
			receipt, err := t.runner.config.Couriers.Upload(ctx, relay.Shipment{
				Relay: drawn, Parcel: parcel, Attempt: view.Job.Attempt, Sealed: whole,
			})
			if err != nil {
				failures[i] = fmt.Errorf("relay %s: %w", drawn.Operator, err)
				return
			}
			t.receipts[i] = &receipt
		})
	}
	wait.Wait()
	var receipts []markettypes.RelayReceipt
	for _, receipt := range t.receipts {
		if receipt != nil {
			receipts = append(receipts, *receipt)
		}
	}
	if uint32(len(receipts)) < claim.Threshold {
		return nil, fmt.Errorf("%d receipts of the %d needed: %w", len(receipts), claim.Threshold, errors.Join(failures...))
	}
	if failed := errors.Join(failures...); failed != nil {
		t.log.Warn("not every relay took the box", "receipts", len(receipts), "error", failed)
	}
	return receipts, nil
}

// Box closes the result with its tree in a box of chunks for the job's delivery key.
func (d *Dense) Box(ctx context.Context, a Assignment, trace Trace, sealing Sealing) (*box.Sealed, error) {
	declared, err := a.Spec.Program.Result()
	if err != nil {
		return nil, err
	}
	layout, err := box.LayoutOf(declared)
	if err != nil {
		return nil, err
	}
	raw, tree, err := d.resultTree(ctx, a, trace)
	if err != nil {
		return nil, err
	}
	plain, err := layout.Plain(raw, tree)
	if err != nil {
		return nil, err
	}
	purpose := box.Purpose{ChainID: a.ChainID, Job: a.Job.Id, Attempt: a.Job.Attempt, Draw: sealing.Draw}
	return box.Seal(bytes.NewReader(sealing.Seed), purpose, a.Job.ResultKey(a.Spec), plain)
}

// Box does not answer.
func (f *faulty) Box(ctx context.Context, a Assignment, trace Trace, sealing Sealing) (*box.Sealed, error) {
	if f.faults.IgnoreClaims {
		return nil, ErrWithheld
	}
	return f.Dense.Box(ctx, a, trace, sealing)
}
