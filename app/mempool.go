package app

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/x/market/types"
)

// execDepth bounds how deep messages executed on behalf of others are looked into; what is deeper is kept out.
const execDepth = 4

// admit keeps out of the mempool what a block would refuse for the price of a look at one record: answers of accounts that don't have
// the job, for an attempt or a round that is over, or on behalf of a worker that granted nothing. It stands before the check of
// signatures, so that a flood of them costs a node little and a block nothing. Blocks don't depend on it. An answer under a grant waits
// until the grant is in a block.
func (a *App) admit(next sdk.AnteHandler) sdk.AnteHandler {
	return func(ctx sdk.Context, tx sdk.Tx, simulate bool) (sdk.Context, error) {
		if !ctx.IsCheckTx() || simulate {
			return next(ctx, tx, simulate)
		}
		if err := a.admitAll(ctx, tx.GetMsgs(), nil, execDepth); err != nil {
			return ctx, err
		}
		return next(ctx, tx, simulate)
	}
}

// admitAll looks at messages that a grantee sends, or that their signers send where there is none.
func (a *App) admitAll(ctx sdk.Context, messages []sdk.Msg, grantee sdk.AccAddress, depth int) error {
	for _, message := range messages {
		switch m := message.(type) {
		case *types.MsgProveResult:
			if err := a.admitAnswer(ctx, m, grantee); err != nil {
				return err
			}
		case *authz.MsgExec:
			inner, err := m.GetMessages()
			sender, badSender := sdk.AccAddressFromBech32(m.Grantee)
			if err != nil || badSender != nil {
				continue // The block refuses it with its own words.
			}
			if depth == 0 {
				return sdkerrors.ErrInvalidRequest.Wrapf("MsgExec in MsgExec more than %d deep", execDepth)
			}
			if err := a.admitAll(ctx, inner, sender, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) admitAnswer(ctx sdk.Context, m *types.MsgProveResult, grantee sdk.AccAddress) error {
	worker, err := sdk.AccAddressFromBech32(m.Worker)
	if err != nil {
		return types.ErrAddress.Wrapf("worker: %s", err)
	}
	if err := a.Market.CheckAnswer(ctx, worker, m); err != nil {
		return err
	}
	if grantee == nil || grantee.Equals(worker) {
		return nil
	}
	if granted, _ := a.Authz.GetAuthorization(ctx, grantee, worker, sdk.MsgTypeURL(m)); granted == nil {
		return types.ErrNotWorker.Wrapf("job %d: %s granted %s nothing", m.JobId, worker, grantee)
	}
	return nil
}
