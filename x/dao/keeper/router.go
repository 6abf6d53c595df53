package keeper

import (
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/x/dao/types"
)

var _ baseapp.MessageRouter = router{}

// router stands between gov and the messages of its proposals.
type router struct{ keeper *Keeper }

// Router returns the router to give to gov's keeper: messages of a proposal that passed are checked, and scheduled instead
// of carried out unless the verdict says that they take effect at once.
func (k *Keeper) Router() baseapp.MessageRouter { return router{keeper: k} }

// Handler returns who carries out a message of a proposal; nil when nobody can.
func (r router) Handler(msg sdk.Msg) baseapp.MsgServiceHandler {
	return r.guarded(r.keeper.ports.Messages.Handler(msg))
}

// HandlerByTypeURL is Handler by the message's type.
func (r router) HandlerByTypeURL(typeURL string) baseapp.MsgServiceHandler {
	return r.guarded(r.keeper.ports.Messages.HandlerByTypeURL(typeURL))
}

func (r router) guarded(inner baseapp.MsgServiceHandler) baseapp.MsgServiceHandler {
	if inner == nil {
		return nil
	}
	return func(ctx sdk.Context, msg sdk.Msg) (*sdk.Result, error) {
		// Gov tries old-style content when it is submitted, before any vote. It can only be text, which does nothing.
		if _, legacy := msg.(*govv1.MsgExecLegacyContent); legacy {
			if err := r.keeper.checkNesting(msg); err != nil {
				return nil, err
			}
			return inner(ctx, msg)
		}
		return r.keeper.decide(ctx, msg)
	}
}

// decide carries out or schedules a message of the proposal that was tallied last.
func (k *Keeper) decide(ctx sdk.Context, msg sdk.Msg) (*sdk.Result, error) {
	verdict, err := k.verdict.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrNoVote.Wrap(sdk.MsgTypeURL(msg))
	}
	if err != nil {
		return nil, err
	}
	if err := k.check(ctx, msg, &verdict.Updated); err != nil {
		return nil, err
	}
	if err := k.verdict.Set(ctx, verdict); err != nil {
		return nil, err
	}
	if !verdict.Immediate {
		return withEvents(ctx, func(ctx sdk.Context) error { return k.schedule(ctx, verdict.ProposalId, msg) })
	}
	result, err := k.run(ctx, msg)
	if err != nil {
		return nil, err
	}
	event, err := sdk.TypedEventToEvent(&types.EventImmediate{
		ProposalId: verdict.ProposalId, TypeUrl: sdk.MsgTypeURL(msg), Emergency: verdict.Emergency,
	})
	if err != nil {
		return nil, err
	}
	result.Events = sdk.Events(append(result.GetEvents(), event)).ToABCIEvents()
	return result, nil
}

// withEvents returns the events of f as a message's result, as gov expects them.
func withEvents(ctx sdk.Context, f func(sdk.Context) error) (*sdk.Result, error) {
	ctx = ctx.WithEventManager(sdk.NewEventManager())
	if err := f(ctx); err != nil {
		return nil, err
	}
	return &sdk.Result{Events: ctx.EventManager().ABCIEvents()}, nil
}

// run carries out a message.
func (k *Keeper) run(ctx sdk.Context, msg sdk.Msg) (*sdk.Result, error) {
	handler := k.ports.Messages.Handler(msg)
	if handler == nil {
		return nil, types.ErrProposal.Wrapf("nobody carries out %s", sdk.MsgTypeURL(msg))
	}
	return handler(ctx, msg)
}
