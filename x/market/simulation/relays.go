package simulation

import (
	"context"
	"crypto/ed25519"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/market/types"
	registrysimulation "github.com/assaychain/assay/x/registry/simulation"
)

// boxOf is a box of a job's size that holds zeroes, sealed with the delivery key itself for want of another: what it holds is false.
func boxOf(job types.Job, layout box.Layout) ([][]byte, []byte, error) {
	key, err := public()
	if err != nil {
		return nil, nil, err
	}
	chunks := make([][]byte, layout.Chunks())
	for i := range chunks {
		chunks[i] = make([]byte, layout.Size(uint32(i)))
		chunks[i][0] = byte(job.Id)
	}
	return chunks, key, nil
}

// layoutOf is the layout of a job's box.
func layoutOf(ctx context.Context, k *keeper.Keeper, job types.Job) (box.Layout, error) {
	s, err := k.Spec(ctx, job.Id)
	if err != nil {
		return box.Layout{}, err
	}
	output, err := s.Program.Result()
	if err != nil {
		return box.Layout{}, err
	}
	return box.LayoutOf(output)
}

// MsgHandOverFactory hands a false box to relays, whose keys the simulated operators derive from their addresses.
func MsgHandOverFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgHandOver, error) {
		layout, err := layoutOf(ctx, k, job)
		if err != nil {
			return nil, err
		}
		chunks, key, err := boxOf(job, layout)
		if err != nil {
			return nil, err
		}
		response, err := keeper.NewQueryServer(k).Relays(ctx, &types.QueryRelaysRequest{Id: job.Id})
		if err != nil {
			return nil, err
		}
		params, err := k.Params(ctx)
		if err != nil {
			return nil, err
		}
		root := box.Root(chunks)
		msg := &types.MsgHandOver{Worker: worker, JobId: job.Id, Draw: response.Record.Draw, EphemeralKey: key, BoxRoot: root[:]}
		sdkCtx := sdk.UnwrapSDKContext(ctx)
		receipt := relays.Receipt{
			ChainID: sdkCtx.ChainID(), Job: job.Id, Attempt: job.Attempt, Draw: response.Record.Draw, BoxRoot: root, Bytes: layout.Bytes(),
			Expires: sdkCtx.BlockTime().Unix() + int64(params.RelayWindowSeconds) + 3600,
		}
		msg.Receipts, err = receipts(response.Record, receipt)
		return msg, err
	}, types.JOB_STATE_RELAYING)
}

// receipts are those of all relays of the present draw; one of nobody where none is drawn.
func receipts(record types.RelayRecord, receipt relays.Receipt) (list []types.RelayReceipt, err error) {
	if len(record.Claims) == 0 {
		return []types.RelayReceipt{{Expires: 1, Signature: make([]byte, relays.SignatureSize)}}, nil
	}
	for _, relay := range record.Last().Relays {
		if receipt.Relay, err = accounts.Decode(relay.Operator); err != nil {
			return nil, err
		}
		signature := ed25519.Sign(registrysimulation.RelayKey(relay.Operator), receipt.SignBytes())
		list = append(list, types.RelayReceipt{Operator: relay.Operator, Expires: receipt.Expires, Signature: signature})
	}
	return list, nil
}

// MsgContestHandOverFactory shows that a false box's first chunk doesn't open.
func MsgContestHandOverFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return about(k, func(ctx context.Context, job types.Job, customer string) (*types.MsgContestHandOver, error) {
		layout, err := layoutOf(ctx, k, job)
		if err != nil {
			return nil, err
		}
		chunks, _, err := boxOf(job, layout)
		if err != nil {
			return nil, err
		}
		return &types.MsgContestHandOver{
			Customer: customer, JobId: job.Id, DeliverySecret: secret[:], Fault: types.RELAY_FAULT_UNOPENED,
			Chunks: []types.ShownChunk{{Sealed: chunks[0], Path: box.Path(chunks, 0)}},
		}, nil
	}, func(_ context.Context, _ *simsx.ChainDataSource, job types.Job) string { return job.Customer }, types.JOB_STATE_HANDED_OVER)
}
