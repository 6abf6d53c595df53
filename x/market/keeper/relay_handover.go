package keeper

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/market/types"
)

// HandOver shows that relays hold the box. What is in it is for the customer to find out.
func (k *Keeper) HandOver(ctx sdk.Context, worker sdk.AccAddress, msg *types.MsgHandOver) error {
	job, err := k.Job(ctx, msg.JobId)
	if err != nil {
		return err
	}
	if err := checkTurn(&job, worker, job.Attempt); err != nil {
		return err
	}
	if _, err := transition(&job, lifecycle.HandOver); err != nil {
		return err
	}
	if err := k.checkInTime(ctx, &job, "hand-over"); err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	record, err := k.relays.Get(ctx, job.Id)
	if err != nil {
		return err
	}
	if err := k.takeReceipts(ctx, params, &job, &record, msg); err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	due := now + clock.Seconds(params.RelayWindowSeconds)
	if err := k.relays.Set(ctx, job.Id, record); err != nil {
		return err
	}
	if _, err := k.move(ctx, &job, lifecycle.HandOver, func(job *types.Job) { job.Due = due }); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventHandedOver{
		JobId: job.Id, Worker: job.Worker, Draw: record.Draw, BoxRoot: msg.BoxRoot, BoxBytes: record.BoxBytes,
		Relays: record.Last().Operators(true), ContestBy: inWallTime(ctx, now, due),
	})
}

// takeReceipts checks the box's key and every receipt, and writes them into the record.
func (k *Keeper) takeReceipts(
	ctx sdk.Context, params types.Params, job *types.Job, record *types.RelayRecord, msg *types.MsgHandOver,
) error {
	claim := record.Last()
	if msg.Draw != record.Draw {
		return types.ErrReceipt.Wrapf("job %d: draw is %d, the present one is %d", job.Id, msg.Draw, record.Draw)
	}
	if n := uint32(len(msg.Receipts)); n < claim.Threshold || n > uint32(len(claim.Relays)) {
		return types.ErrReceipt.Wrapf("job %d: receipts has %d entries: it must have %d to %d", job.Id, n, claim.Threshold, len(claim.Relays))
	}
	gas := types.GasPerKeyExchange + uint64(len(msg.Receipts))*types.GasPerReceipt
	ctx.GasMeter().ConsumeGas(gas, "market: hand over")
	if err := delivery.CheckKey(msg.EphemeralKey); err != nil {
		return types.ErrReceipt.Wrapf("job %d: ephemeral_key: %s", job.Id, err)
	}
	served := ctx.BlockTime().Unix() + int64(params.RelayWindowSeconds)
	common := relays.Receipt{
		ChainID: ctx.ChainID(), Job: job.Id, Attempt: job.Attempt, Draw: record.Draw, BoxRoot: box.Hash(msg.BoxRoot), Bytes: record.BoxBytes,
	}
	next := 0
	for i, receipt := range msg.Receipts {
		at := slices.IndexFunc(claim.Relays[next:], func(r types.DrawnRelay) bool { return r.Operator == receipt.Operator })
		if at < 0 {
			return types.ErrReceipt.Wrapf("job %d: receipts[%d]: %s was not drawn, or is out of order", job.Id, i, receipt.Operator)
		}
		relay := &claim.Relays[next+at]
		next += at + 1
		if receipt.Expires < served {
			return types.ErrReceipt.Wrapf("job %d: receipts[%d] expires at %d: %d at the earliest", job.Id, i, receipt.Expires, served)
		}
		if err := checkReceipt(common, relay, receipt); err != nil {
			return types.ErrReceipt.Wrapf("job %d: receipts[%d]: %s", job.Id, i, err)
		}
		relay.Receipt = true
	}
	claim.BoxRoot, claim.EphemeralKey = msg.BoxRoot, msg.EphemeralKey
	return nil
}

// checkReceipt checks a relay's signature under what is the same in all receipts of a hand-over.
func checkReceipt(common relays.Receipt, relay *types.DrawnRelay, given types.RelayReceipt) error {
	address, err := accounts.Decode(relay.Operator)
	if err != nil {
		return err
	}
	common.Relay, common.Expires = address, given.Expires
	return common.Verify(relay.RelayKey, given.Signature)
}

// ContestHandOver shows one fault of the box with the job's delivery secret, which is public from then on. A fault that is shown closes
// the job; one that isn't is an error, and changes nothing.
func (k *Keeper) ContestHandOver(ctx sdk.Context, customer sdk.AccAddress, msg *types.MsgContestHandOver) error {
	job, err := k.Job(ctx, msg.JobId)
	if err != nil {
		return err
	}
	if err := checkCustomer(&job, customer); err != nil {
		return err
	}
	if job.State != types.JOB_STATE_HANDED_OVER {
		return types.ErrState.Wrapf("job %d: a hand-over is contested while HANDED_OVER, not while %s", job.Id, job.State.Lifecycle())
	}
	if err := k.checkInTime(ctx, &job, "contest"); err != nil {
		return err
	}
	if err := k.checkFault(ctx, &job, msg); err != nil {
		return err
	}
	if err := ctx.EventManager().EmitTypedEvent(&types.EventHandOverContested{
		JobId: job.Id, Worker: job.Worker, Fault: msg.Fault, Level: msg.Level, Index: msg.Index,
	}); err != nil {
		return err
	}
	return k.closeJob(ctx, &job, lifecycle.Falsified)
}

// checkFault charges for the work, and refuses a fault that the chunks don't show.
func (k *Keeper) checkFault(ctx sdk.Context, job *types.Job, msg *types.MsgContestHandOver) error {
	ctx.GasMeter().ConsumeGas(msg.Gas(), "market: contest hand-over")
	spec, err := k.Spec(ctx, job.Id)
	if err != nil {
		return err
	}
	if err := delivery.CheckSecret(msg.DeliverySecret, spec.DeliveryKey); err != nil {
		return types.ErrSecret.Wrapf("job %d: %s", job.Id, err)
	}
	output, err := spec.Program.Result()
	if err != nil {
		return err
	}
	layout, err := box.LayoutOf(output)
	if err != nil {
		return types.ErrFault.Wrapf("job %d: %s", job.Id, err)
	}
	record, err := k.relays.Get(ctx, job.Id)
	if err != nil {
		return err
	}
	opened, sound, err := openShown(ctx, layout, job, &record, msg)
	if err != nil || !sound {
		return err
	}
	return k.ask(ctx, layout, job, msg, opened)
}

// openShown opens the shown chunks. sound is false when a chunk that is said not to open doesn't, which is the fault itself.
func openShown(
	ctx sdk.Context, layout box.Layout, job *types.Job, record *types.RelayRecord, msg *types.MsgContestHandOver,
) (opened [][]byte, sound bool, err error) {
	fault, claim := msg.Accusation(), record.Last()
	needs, err := layout.Needs(fault)
	if err != nil {
		return nil, false, types.ErrFault.Wrapf("job %d: %s", job.Id, err)
	}
	if len(msg.Chunks) != len(needs) {
		return nil, false, types.ErrFault.Wrapf("job %d: chunks has %d entries: %d show this fault", job.Id, len(msg.Chunks), len(needs))
	}
	key, err := box.Key(box.Purpose{ChainID: ctx.ChainID(), Job: job.Id, Attempt: job.Attempt, Draw: record.Draw}, msg.DeliverySecret, claim.EphemeralKey)
	if err != nil {
		return nil, false, types.ErrSecret.Wrapf("job %d: %s", job.Id, err)
	}
	for i, chunk := range needs {
		shown := msg.Chunks[i]
		if !layout.Shows(box.Hash(claim.BoxRoot), chunk, shown.Sealed, shown.Path) {
			return nil, false, types.ErrFault.Wrapf("job %d: chunks[%d] is not chunk %d of the box", job.Id, i, chunk)
		}
		plain, opens := box.Open(key, chunk, shown.Sealed)
		switch unopened := fault.Kind == box.Unopened; {
		case unopened && !opens:
			return nil, false, nil
		case unopened:
			return nil, false, types.ErrFault.Wrapf("job %d: chunk %d opens", job.Id, chunk)
		case !opens:
			return nil, false, types.ErrFault.Wrapf("job %d: chunk %d does not open: show that instead", job.Id, chunk)
		}
		opened = append(opened, plain)
	}
	return opened, true, nil
}

// ask has the proof system answer the fault's question.
func (k *Keeper) ask(ctx sdk.Context, layout box.Layout, job *types.Job, msg *types.MsgContestHandOver, opened [][]byte) error {
	faults, err := k.localFaults(job)
	if err != nil {
		return err
	}
	question, err := layout.Ask(msg.Accusation(), job.StepRoots[len(job.StepRoots)-1], opened)
	if err != nil {
		return types.ErrFault.Wrapf("job %d: %s", job.Id, err)
	}
	var holds bool
	if question.Row != nil {
		holds, err = faults.RowMatches(ctx, layout.Shape(), question.Row, question.Digest)
	} else {
		holds, err = faults.NodeMatches(ctx, question.Level, question.Children, question.Node)
	}
	if err == nil && holds {
		err = types.ErrFault.Wrapf("job %d: the box is right there", job.Id)
	}
	return err
}
