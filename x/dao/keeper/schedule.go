package keeper

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/dao/types"
)

// schedule puts a message of a proposal that passed into the queue, behind those of the same proposal.
func (k *Keeper) schedule(ctx sdk.Context, proposal uint64, msg sdk.Msg) error {
	waiting, err := k.scheduled.Get(ctx, proposal)
	if errors.Is(err, collections.ErrNotFound) {
		waiting, err = k.open(ctx, proposal)
	}
	if err != nil {
		return err
	}
	packed, err := codectypes.NewAnyWithValue(msg)
	if err != nil {
		return err
	}
	var replaces []byte
	if isUpdate(packed.TypeUrl) {
		c, err := k.change(ctx, msg)
		if err != nil {
			return err
		}
		replaces = c.hash
	}
	waiting.Messages, waiting.Replaces = append(waiting.Messages, packed), append(waiting.Replaces, replaces)
	return k.scheduled.Set(ctx, proposal, waiting)
}

// open gives a proposal its place in the queue.
func (k *Keeper) open(ctx sdk.Context, proposal uint64) (types.Scheduled, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Scheduled{}, err
	}
	if err := enter(ctx, k.waiting, params.MaxScheduled, "proposals that wait"); err != nil {
		return types.Scheduled{}, err
	}
	opened := types.Scheduled{ProposalId: proposal, PassedAt: ctx.BlockTime(), ExecuteAt: ctx.BlockTime().Add(params.TimeLock)}
	if err := k.queue.Set(ctx, collections.Join(opened.ExecuteAt, proposal)); err != nil {
		return types.Scheduled{}, err
	}
	return opened, emit(ctx, &types.EventScheduled{ProposalId: proposal, ExecuteAt: opened.ExecuteAt})
}

// CancelScheduled takes a proposal out of the queue.
func (k *Keeper) CancelScheduled(ctx context.Context, proposal uint64, reason string) error {
	waiting, err := k.scheduled.Get(ctx, proposal)
	if errors.Is(err, collections.ErrNotFound) {
		return types.ErrNoChange.Wrapf("proposal %d does not wait for its time", proposal)
	}
	if err != nil {
		return err
	}
	return k.settle(ctx, collections.Join(waiting.ExecuteAt, proposal), types.RESULT_CANCELLED, reason)
}

// settle takes a proposal out of the queue and notes what became of it. The oldest outcome is forgotten.
func (k *Keeper) settle(ctx context.Context, place queueKey, result types.Result, reason string) error {
	if err := k.queue.Remove(ctx, place); err != nil {
		return err
	}
	if err := k.scheduled.Remove(ctx, place.K2()); err != nil {
		return err
	}
	if err := leave(ctx, k.waiting); err != nil {
		return err
	}
	outcome := types.Outcome{
		ProposalId: place.K2(), Result: result, Reason: shortened(reason), At: sdk.UnwrapSDKContext(ctx).BlockTime(),
	}
	id, err := k.nextOutcomeID.Next(ctx)
	if err != nil {
		return err
	}
	if err := k.outcomes.Set(ctx, id, outcome); err != nil {
		return err
	}
	if id > types.MaxOutcomes {
		if err := k.outcomes.Remove(ctx, id-types.MaxOutcomes); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventOutcome{Outcome: outcome})
}

// shortened cuts a reason to what is kept of it.
func shortened(reason string) string {
	if len(reason) > types.MaxReason {
		reason = reason[:types.MaxReason]
	}
	return strings.ToValidUTF8(reason, "")
}

// apply carries out everything a proposal decided, or nothing.
func (k *Keeper) apply(ctx sdk.Context, waiting types.Scheduled) error {
	messages, err := waiting.Msgs()
	if err != nil {
		return err
	}
	if err := k.checkStale(ctx, waiting, messages); err != nil {
		return err
	}
	cached, write := ctx.CacheContext()
	var updated []string
	for i, msg := range messages {
		if err := k.check(cached, msg, &updated); err != nil {
			return errorsmod.Wrapf(err, "message %d, %s", i, sdk.MsgTypeURL(msg))
		}
		result, err := k.run(cached, msg)
		if err != nil {
			return errorsmod.Wrapf(err, "message %d, %s", i, sdk.MsgTypeURL(msg))
		}
		cached.EventManager().EmitEvents(result.GetEvents())
	}
	write()
	return nil
}

// checkStale refuses new parameters that were voted on over other values than the present: they would undo in silence what
// was decided in between, an emergency's change above all.
func (k *Keeper) checkStale(ctx sdk.Context, waiting types.Scheduled, messages []sdk.Msg) error {
	for i, msg := range messages {
		if i >= len(waiting.Replaces) || len(waiting.Replaces[i]) == 0 {
			continue
		}
		c, err := k.change(ctx, msg)
		if err != nil {
			return err
		}
		if !bytes.Equal(c.hash, waiting.Replaces[i]) {
			return types.ErrStale.Wrapf("message %d, %s: propose again", i, sdk.MsgTypeURL(msg))
		}
	}
	return nil
}
