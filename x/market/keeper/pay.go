package keeper

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/hooks"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/types"
)

// dueAmount is one payment that the end of a job demands.
type dueAmount struct {
	operator sdk.AccAddress
	amount   math.Int
	// direct compensations are paid whole; what is paid for work is split by escrow.
	direct bool
}

// distribute pays out the job's escrow as its end demands and closes it.
func (k *Keeper) distribute(
	ctx sdk.Context, params types.Params, job *types.Job, reason lifecycle.Reason,
) (paid, refunded math.Int, err error) {
	owed, err := k.owed(ctx, params, job, reason)
	if err != nil {
		return paid, refunded, err
	}
	paid = math.ZeroInt()
	for _, due := range owed {
		amount, err := k.pay(ctx, job, due)
		if err != nil {
			return paid, refunded, err
		}
		paid = paid.Add(amount)
	}
	why := escrowtypes.CLOSE_REASON_REFUNDED
	if reason == lifecycle.Settled {
		why = escrowtypes.CLOSE_REASON_SETTLED
	}
	refunded, err = k.ports.Escrow.Close(ctx, types.ModuleName, job.Id, why)
	return paid, refunded, err
}

// owed lists who gets what, without what is nothing.
func (k *Keeper) owed(ctx sdk.Context, params types.Params, job *types.Job, reason lifecycle.Reason) ([]dueAmount, error) {
	late, err := k.late(ctx, job)
	if err != nil {
		return nil, err
	}
	deposit := lifecycle.Deposit{
		MaxPrice: job.MaxPrice, ClaimFee: job.ClaimFee, Price: job.Price, UnavailableFee: params.UnavailableFee, Late: late,
	}
	relayed, err := k.owedRelays(ctx, job, &deposit)
	if err != nil {
		return nil, err
	}
	split := lifecycle.Outcome(reason, deposit)
	var owed []dueAmount
	if split.Price.IsPositive() || split.Fee.IsPositive() {
		worker, err := workerOf(job)
		if err != nil {
			return nil, err
		}
		prices, err := k.owedPrices(ctx, job, worker, split.Price)
		if err != nil {
			return nil, err
		}
		owed = append(prices, dueAmount{worker, split.Fee, true})
	}
	if split.Report.IsPositive() {
		reporters, err := k.parties(ctx, k.reporters, job.Id)
		if err != nil {
			return nil, err
		}
		for _, reporter := range reporters {
			owed = append(owed, dueAmount{reporter, split.Report, true})
		}
	}
	return append(owed, relayed...), nil
}

// late is the part of the agreed price that lateness costs whoever is paid for the job if it settles now.
func (k *Keeper) late(ctx sdk.Context, job *types.Job) (math.Int, error) {
	if job.Replicas == 0 {
		return job.Rebate(), nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return math.Int{}, err
	}
	_, back := record.Settle(job.Promise)
	return back, nil
}

// owedPrices lists who gets what of the price: the worker all, or each of several operators that stand its own, less what its own lateness costs.
func (k *Keeper) owedPrices(ctx sdk.Context, job *types.Job, worker sdk.AccAddress, price math.Int) ([]dueAmount, error) {
	if job.Replicas == 0 || !price.IsPositive() {
		return []dueAmount{{worker, price, false}}, nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return nil, err
	}
	var owed []dueAmount
	paid, _ := record.Settle(job.Promise)
	for n, i := range record.Standing() {
		operator, err := accounts.Decode(record.Replicas[i].Worker)
		if err != nil {
			return nil, types.ErrAddress.Wrapf("job %d: replica: %s", job.Id, err)
		}
		owed = append(owed, dueAmount{operator, paid[n], false})
	}
	return owed, nil
}

// owedRelays lists the relays whose receipts were handed over, and takes what is theirs and what nobody earned into the deposit.
func (k *Keeper) owedRelays(ctx sdk.Context, job *types.Job, deposit *lifecycle.Deposit) (owed []dueAmount, err error) {
	record, err := k.relayRecord(ctx, job)
	if err != nil || len(record.Claims) == 0 {
		return nil, err
	}
	deposit.RelayFees, deposit.Unearned = record.Dues()
	for i := range record.Claims {
		claim := &record.Claims[i]
		for _, operator := range claim.Operators(true) {
			relay, err := accounts.Decode(operator)
			if err != nil {
				return nil, types.ErrAddress.Wrapf("job %d: relay: %s", job.Id, err)
			}
			owed = append(owed, dueAmount{relay, claim.RelayFee, true})
		}
	}
	return owed, nil
}

// pay pays the operator at its payout address and tells what was paid. Escrow pays the community pool instead of an address
// that can't receive; any other failure puts the job off, and when that has happened too often the amount stays in the escrow
// and goes back to the customer with the rest, so that no payment can hold a job open.
func (k *Keeper) pay(ctx sdk.Context, job *types.Job, due dueAmount) (math.Int, error) {
	if !due.amount.IsPositive() {
		return math.ZeroInt(), nil
	}
	recipient := k.payoutOf(ctx, due.operator)
	var failure error
	ok := hooks.Isolate(ctx, types.ModuleName, "payment to "+recipient.String(), func(ctx sdk.Context) error {
		failure = k.payTo(ctx, job.Id, recipient, due)
		return failure
	})
	switch {
	case ok:
		return due.amount, nil
	case job.Deferrals >= MaxDeferrals:
		return math.ZeroInt(), nil
	default:
		return math.ZeroInt(), types.ErrPayment.Wrapf("job %d: %s to %s: %v", job.Id, due.amount, recipient, failure)
	}
}

func (k *Keeper) payTo(ctx sdk.Context, id uint64, recipient sdk.AccAddress, due dueAmount) error {
	if due.direct {
		return k.ports.Escrow.PayDirect(ctx, types.ModuleName, id, recipient, due.amount)
	}
	_, err := k.ports.Escrow.Pay(ctx, types.ModuleName, id, recipient, due.amount)
	return err
}

// payoutOf is where an operator is paid: itself when its record can't be read.
func (k *Keeper) payoutOf(ctx sdk.Context, operator sdk.AccAddress) sdk.AccAddress {
	record, err := k.ports.Registry.Operator(ctx, operator)
	if err != nil {
		return operator
	}
	payout, err := accounts.Decode(record.PayoutAddress)
	if err != nil {
		return operator
	}
	return payout
}
