package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/relays"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// FetchBox gets a box from a relay, going on with what an earlier try got; relay.Client.Fetch does.
type FetchBox func(ctx context.Context, request relay.Request) ([]byte, error)

// parcelOf names the box that relays hold of a job.
func parcelOf(id uint64, record *markettypes.RelayRecord) relay.Parcel {
	return relay.Parcel{Job: id, Draw: record.Draw, Root: box.Hash(record.Last().BoxRoot)}
}

// receiveBox gets the box from the relays, opens it and contests it if it is false. Once half of the time is over and nobody serves it,
// the job is claimed once more.
func (f *Follower) receiveBox(ctx context.Context, view chain.JobView) {
	if f.result != nil || f.contested || len(f.secret()) == 0 || f.config.FetchBox == nil {
		return
	}
	record, err := f.config.Watched.Relays(ctx, view.Job.Id)
	if err != nil || len(record.Claims) == 0 || len(record.Last().BoxRoot) != box.HashSize {
		f.fetchFailure = errors.Join(errors.New("the relays can't be read from the chain"), err)
		return
	}
	layout, sealed, err := f.fetchBox(ctx, view, &record)
	if err != nil {
		f.fetchFailure = err
		f.claimAgain(ctx, view)
		return
	}
	if err := f.openBox(ctx, view, &record, layout, sealed); err != nil {
		f.fetchFailure = err
		f.config.Tell(err.Error())
	}
}

// unknownFetch bounds one relay's transfer when the time that is left is not known.
const unknownFetch = time.Minute

// fetchTime bounds one relay's transfer, so that all together take a quarter of what is left: one that drips must keep neither the
// others from being asked nor the customer from claiming again or contesting in time.
func fetchTime(view chain.JobView, asked int) time.Duration {
	left, ok := view.Remaining(time.Now())
	if !ok {
		return unknownFetch
	}
	return max(left/4/time.Duration(max(asked, 1)), time.Second)
}

// fetchBox asks one relay after the other. What a relay gave is kept for the next try, as long as it is not the wrong box.
func (f *Follower) fetchBox(ctx context.Context, view chain.JobView, record *markettypes.RelayRecord) (box.Layout, [][]byte, error) {
	output, err := view.Spec.Program.Result()
	if err != nil {
		return box.Layout{}, nil, err
	}
	layout, err := box.LayoutOf(output)
	if err != nil {
		return layout, nil, err
	}
	parcel := parcelOf(view.Job.Id, record)
	if f.partsOf != parcel {
		f.parts, f.partsOf = map[string][]byte{}, parcel
	}
	var failures []error
	limit := fetchTime(view, len(record.Last().Operators(true)))
	for _, from := range record.Last().Relays {
		if !from.Receipt {
			continue
		}
		bounded, cancel := context.WithTimeout(ctx, limit)
		whole, err := f.config.FetchBox(bounded, relay.Request{
			Relay: from, Parcel: parcel, Size: layout.Bytes(), Have: f.parts[from.Operator], Progress: f.tellBox(from),
		})
		cancel()
		f.parts[from.Operator] = whole
		if err == nil {
			var chunks [][]byte
			if chunks, err = layout.Cut(whole); err == nil && box.Root(chunks) == parcel.Root {
				return layout, chunks, nil
			}
			delete(f.parts, from.Operator)
			err = errors.Join(err, errors.New("it gave another box"))
		}
		failures = append(failures, fmt.Errorf("relay %s: %w", from.Operator, err))
	}
	return layout, nil, fmt.Errorf("no relay gave the box: %w", errors.Join(failures...))
}

// tellBox tells how far a large box has come.
func (f *Follower) tellBox(from markettypes.DrawnRelay) func(done, total uint64) {
	return func(done, total uint64) {
		f.config.Tell(fmt.Sprintf("%d of %d bytes of the sealed result from relay %s", done, total, from.Operator))
	}
}

// openBox takes the result out of a box, or contests it by its first fault.
func (f *Follower) openBox(
	ctx context.Context, view chain.JobView, record *markettypes.RelayRecord, layout box.Layout, sealed [][]byte,
) error {
	root, shape, err := resultRoot(f.config.Scheme, view)
	if err != nil {
		return err
	}
	purpose := box.Purpose{ChainID: f.config.ChainID, Job: view.Job.Id, Attempt: view.Job.Attempt, Draw: record.Draw}
	key, err := box.Key(purpose, f.secret(), record.Last().EphemeralKey)
	if err != nil {
		return err
	}
	blob, fault, err := layout.Inspect(key, root[:], sealed)
	if err != nil {
		return err
	}
	if fault == nil {
		result, err := tensor.DecodeBlob(shape, blob)
		if err == nil {
			f.accept(result, "sealed over relays")
		}
		return err
	}
	found := fmt.Errorf("%w: the box has a fault: %s", ErrFalseDelivery, FaultText(*fault))
	if f.config.Claimant == nil {
		return found
	}
	f.config.Tell(fmt.Sprintf("%s: contesting it", found))
	if err := f.config.Claimant.ContestHandOver(ctx, Accusation(view.Job.Id, f.secret(), layout, *fault, sealed)); err != nil {
		return fmt.Errorf("the contest was not taken: %w", err)
	}
	f.contested = true
	return nil
}

// Accusation is the message that shows a fault, but for its signer.
func Accusation(id uint64, secret []byte, layout box.Layout, fault box.Fault, sealed [][]byte) *markettypes.MsgContestHandOver {
	msg := &markettypes.MsgContestHandOver{
		JobId: id, DeliverySecret: secret, Fault: markettypes.RelayFault(fault.Kind), Level: fault.Level, Index: fault.Index,
	}
	// A fault that Inspect found is one that the box can have.
	needs, _ := layout.Needs(fault)
	for _, chunk := range needs {
		msg.Chunks = append(msg.Chunks, markettypes.ShownChunk{Sealed: sealed[chunk], Path: box.Path(sealed, chunk)})
	}
	return msg
}

// FaultText says what a fault is.
func FaultText(fault box.Fault) string {
	switch fault.Kind {
	case box.Unopened:
		return fmt.Sprintf("chunk %d does not open with the job's key", fault.Index)
	case box.Row:
		return fmt.Sprintf("row %d is not the one of its digest", fault.Index)
	case box.Node:
		return fmt.Sprintf("node %d of level %d is not the hash of its children", fault.Index, fault.Level)
	default:
		return "an unknown one"
	}
}

// claimAgain claims once more when half of the window has passed and no relay serves the box.
func (f *Follower) claimAgain(ctx context.Context, view chain.JobView) {
	left, ok := view.Remaining(time.Now())
	window := left + time.Since(view.Job.UpdatedAt)
	if f.config.Claimant == nil || f.reclaimed || !ok || left >= window/2 || view.Job.RelayClaims >= relays.MaxClaims {
		return
	}
	f.config.Tell(fmt.Sprintf("%s: claiming it once more", f.fetchFailure))
	if err := f.config.Claimant.Claim(ctx, view.Job.Id); err != nil {
		f.config.Tell(fmt.Sprintf("the second claim was not taken: %s", err))
		f.reclaimed = errors.Is(err, chain.ErrRefused)
		return
	}
	f.reclaimed = true
}

// ContestHandOver shows the chain a fault of the box that relays hold.
func (w *Wallet) ContestHandOver(ctx context.Context, accusation *markettypes.MsgContestHandOver) error {
	accusation.Customer = w.Address().String()
	_, _, err := w.Send(ctx, nil, accusation)
	return err
}
