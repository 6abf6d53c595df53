package keeper_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/relays"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrykeeper "github.com/assaychain/assay/x/registry/keeper"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// relayFee is what a relay gets for a box below a MiB.
const relayFee = claimFee + 1_000

func relayName(i int) string { return fmt.Sprintf("relay %d", i) }

// relayKey is the key of an operator's relay.
func relayKey(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(hashOf("relay key of " + name))
}

// relays registers n operators with a relay and a device that takes no jobs.
func (f *fixture) relays(n int) []sdk.AccAddress {
	f.T.Helper()
	list := make([]sdk.AccAddress, n)
	for i := range list {
		name := relayName(i)
		list[i] = f.operator(name, 100*assay)
		_, err := registrykeeper.NewMsgServer(f.registry).RegisterDevice(f.Ctx, &registrytypes.MsgRegisterDevice{
			Operator: list[i].String(), Id: hashOf(name), Model: "CPU", Class: registrytypes.DEVICE_CLASS_CPU,
			Backend: registrytypes.BACKEND_CPU, MemoryMib: 4_096, Lanes: 1, Price: math.NewInt(1),
		})
		require.NoError(f.T, err)
		f.declareRelay(name, "https://relay.example/"+fmt.Sprint(i))
	}
	f.block(1)
	return list
}

// declareRelay says where an operator's relay is; nowhere when url is empty.
func (f *fixture) declareRelay(name, url string) {
	f.T.Helper()
	msg := &registrytypes.MsgUpdateOperator{
		Operator: banktest.Address(name).String(), Moniker: name, Endpoint: "http://127.0.0.1:9000", PayoutAddress: payout(name).String(), RelayUrl: url,
	}
	if url != "" {
		msg.RelayKey = relayKey(name).Public().(ed25519.PublicKey)
	}
	_, err := registrykeeper.NewMsgServer(f.registry).UpdateOperator(f.Ctx, msg)
	require.NoError(f.T, err)
}

// claiming claims, and counts what the customer locked by it.
func (f *fixture) claiming(customer sdk.AccAddress, claim func(context.Context) error) error {
	before := f.Balance(customer)
	err := f.do(claim)
	f.claims += before.Sub(f.Balance(customer)).Int64()
	return err
}

// claimRelayedErr claims as if the output were too large for a transaction.
func (f *fixture) claimRelayedErr(customer sdk.AccAddress, id uint64) error {
	return f.claiming(customer, func(ctx context.Context) error {
		sdkCtx := sdk.UnwrapSDKContext(ctx)
		usual, err := f.k.Params(ctx)
		if err != nil {
			return err
		}
		small := usual
		small.MaxSealedBytes = 0
		if err := f.k.SetParams(sdkCtx, small); err != nil {
			return err
		}
		if _, err := f.msgs.ClaimUndelivered(ctx, &types.MsgClaimUndelivered{Customer: customer.String(), JobId: id}); err != nil {
			return err
		}
		return f.k.SetParams(sdkCtx, usual)
	})
}

// drawing is a job that waits for its relays.
func (f *fixture) drawing() types.Job {
	f.T.Helper()
	job := f.proven()
	require.NoError(f.T, f.claimRelayedErr(f.customer, job.Id))
	return f.requireState(job.Id, types.JOB_STATE_DRAWING)
}

// draw posts the round that a job's relays are drawn by.
func (f *fixture) draw(id uint64) types.Job {
	f.T.Helper()
	f.block(5)
	f.post(f.requireState(id, types.JOB_STATE_DRAWING).RelayRound)
	f.block(1)
	return f.job(id)
}

// relaying is a job whose relays are drawn.
func (f *fixture) relaying() types.Job {
	f.T.Helper()
	return f.requireState(f.draw(f.drawing().Id).Id, types.JOB_STATE_RELAYING)
}

func (f *fixture) record(id uint64) *types.RelayRecord {
	f.T.Helper()
	response, err := f.queries.Relays(f.Ctx, &types.QueryRelaysRequest{Id: id})
	require.NoError(f.T, err)
	return &response.Record
}

func (f *fixture) layout() box.Layout {
	output, err := testProgram().Result()
	require.NoError(f.T, err)
	layout, err := box.LayoutOf(output)
	require.NoError(f.T, err)
	return layout
}

// boxOf seals a blob with the tree of treeOf for a job.
func (f *fixture) boxOf(job types.Job, blob, treeOf []byte) *box.Sealed {
	f.T.Helper()
	output, err := testProgram().Result()
	require.NoError(f.T, err)
	decoded, err := tensor.DecodeBlob(delivery.Shape(output), treeOf)
	require.NoError(f.T, err)
	tree, err := tensor.NewTree(decoded.RowDigests())
	require.NoError(f.T, err)
	plain, err := f.layout().Plain(blob, tree)
	require.NoError(f.T, err)
	sealed, err := box.Seal(rand.Reader, f.purpose(job), deliveryKey[:], plain)
	require.NoError(f.T, err)
	return sealed
}

func (f *fixture) purpose(job types.Job) box.Purpose {
	return box.Purpose{ChainID: f.Ctx.ChainID(), Job: job.Id, Attempt: job.Attempt, Draw: f.record(job.Id).Draw}
}

// relayOf finds the relay of an operator.
func (f *fixture) relayOf(operator string) string {
	for i := range 20 {
		if banktest.Address(relayName(i)).String() == operator {
			return relayName(i)
		}
	}
	f.T.Fatalf("%s is no relay", operator)
	return ""
}

// handOverMsg shows the receipts of the first n relays drawn.
func (f *fixture) handOverMsg(job types.Job, sealed *box.Sealed, n int) *types.MsgHandOver {
	f.T.Helper()
	record, root := f.record(job.Id), sealed.Root()
	params, err := f.k.Params(f.Ctx)
	require.NoError(f.T, err)
	msg := &types.MsgHandOver{Worker: job.Worker, JobId: job.Id, Draw: record.Draw, EphemeralKey: sealed.Key, BoxRoot: root[:]}
	for _, relay := range record.Last().Relays[:n] {
		receipt := relays.Receipt{
			ChainID: f.Ctx.ChainID(), Job: job.Id, Attempt: job.Attempt, Draw: record.Draw, Relay: sdk.MustAccAddressFromBech32(relay.Operator),
			BoxRoot: root, Bytes: f.layout().Bytes(), Expires: f.Ctx.BlockTime().Unix() + int64(params.RelayWindowSeconds) + 60,
		}
		msg.Receipts = append(msg.Receipts, types.RelayReceipt{
			Operator: relay.Operator, Expires: receipt.Expires, Signature: ed25519.Sign(relayKey(f.relayOf(relay.Operator)), receipt.SignBytes()),
		})
	}
	return msg
}

func (f *fixture) handOverErr(msg *types.MsgHandOver) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.HandOver(ctx, msg); return err })
}

// handedOver is a job whose relays hold a box.
func (f *fixture) handedOver(blob, treeOf []byte) (types.Job, *box.Sealed) {
	f.T.Helper()
	job := f.relaying()
	sealed := f.boxOf(job, blob, treeOf)
	require.NoError(f.T, f.handOverErr(f.handOverMsg(job, sealed, 2)))
	return f.requireState(job.Id, types.JOB_STATE_HANDED_OVER), sealed
}

// accuse is a contest by a fault.
func (f *fixture) accuse(job types.Job, sealed *box.Sealed, fault box.Fault) *types.MsgContestHandOver {
	f.T.Helper()
	msg := &types.MsgContestHandOver{
		Customer: f.customer.String(), JobId: job.Id, DeliverySecret: deliverySecret[:],
		Fault: types.RelayFault(fault.Kind), Level: fault.Level, Index: fault.Index,
	}
	needs, err := f.layout().Needs(fault)
	require.NoError(f.T, err)
	for _, chunk := range needs {
		msg.Chunks = append(msg.Chunks, types.ShownChunk{Sealed: bytes.Clone(sealed.Chunks[chunk]), Path: box.Path(sealed.Chunks, chunk)})
	}
	return msg
}

// find looks for a fault as a customer does; nil when the box is right.
func (f *fixture) find(job types.Job, sealed *box.Sealed) *box.Fault {
	f.T.Helper()
	key, err := box.Key(f.purpose(job), deliverySecret[:], sealed.Key)
	require.NoError(f.T, err)
	_, fault, err := f.layout().Inspect(key, job.StepRoots[0], sealed.Chunks)
	require.NoError(f.T, err)
	return fault
}

func (f *fixture) accuseErr(msg *types.MsgContestHandOver) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.ContestHandOver(ctx, msg); return err })
}
