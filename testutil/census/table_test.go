package census

import (
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// class says whose message it is.
type class int

const (
	// user messages concern what the signer itself owns or pays for.
	user class = iota
	// customer and worker messages concern a job that belongs to somebody.
	customer
	worker
	// authority messages are governance's.
	authority
)

// entry is a message's line in the census.
type entry struct {
	class class
	// make is a message that is valid but for its signer.
	make func(w *world, signer string) sdk.Msg
	// stranger is what a stranger is told who signs in its own name for what belongs to another; nil where the message
	// concerns nothing but the signer.
	stranger error
}

// job is the number of the job that the world's customer posted and its operator has.
const job = 1

// lease is the number of a lease that is not there.
const lease = 1

// census has every message of this project's modules.
var census = map[string]entry{
	"/assay.bond.v1.MsgBond": {class: user, make: func(_ *world, s string) sdk.Msg {
		return &bondtypes.MsgBond{Operator: s, Amount: math.NewInt(1_000_000)}
	}},
	"/assay.bond.v1.MsgUnbond": {class: user, stranger: bondtypes.ErrLocked, make: func(_ *world, s string) sdk.Msg {
		return &bondtypes.MsgUnbond{Operator: s, Amount: math.NewInt(1_000_000)}
	}},
	"/assay.bond.v1.MsgCancelUnbonding": {class: user, stranger: bondtypes.ErrNoEntry, make: func(w *world, s string) sdk.Msg {
		return &bondtypes.MsgCancelUnbonding{Operator: s, EntryId: w.unbonding}
	}},
	"/assay.bond.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &bondtypes.MsgUpdateParams{Authority: s, Params: must(w.App().Bond.Params(w.Context()))}
	}},
	"/assay.escrow.v1.MsgDeposit": {class: user, stranger: escrowtypes.ErrNotDepositor, make: func(_ *world, s string) sdk.Msg {
		return &escrowtypes.MsgDeposit{Depositor: s, Scope: markettypes.ModuleName, Id: job, Amount: coins(5_000)}
	}},
	"/assay.escrow.v1.MsgWithdraw": {class: user, stranger: escrowtypes.ErrNotDepositor, make: func(_ *world, s string) sdk.Msg {
		return &escrowtypes.MsgWithdraw{Depositor: s, Scope: markettypes.ModuleName, Id: job, Amount: coins(1_000)}
	}},
	"/assay.escrow.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &escrowtypes.MsgUpdateParams{Authority: s, Params: must(w.App().Escrow.Params(w.Context()))}
	}},
	"/assay.registry.v1.MsgRegisterOperator": {class: user, make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgRegisterOperator{Operator: s, Moniker: "m", Endpoint: "http://127.0.0.1:1"}
	}},
	"/assay.registry.v1.MsgUpdateOperator": {class: user, stranger: registrytypes.ErrOperatorNotFound, make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgUpdateOperator{Operator: s, Moniker: "m", Endpoint: "http://127.0.0.1:1"}
	}},
	"/assay.registry.v1.MsgRegisterDevice": {class: user, stranger: registrytypes.ErrOperatorNotFound, make: func(w *world, s string) sdk.Msg {
		m := w.owner().RegisterDevice(1)
		m.Operator = s
		return m
	}},
	"/assay.registry.v1.MsgUpdateDevice": {class: user, stranger: registrytypes.ErrNotOwner, make: func(w *world, s string) sdk.Msg {
		m := w.owner().Offer(false)
		m.Operator = s
		return m
	}},
	"/assay.registry.v1.MsgRetireDevice": {class: user, stranger: registrytypes.ErrNotOwner, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgRetireDevice{Operator: s, Id: w.owner().Device}
	}},
	"/assay.registry.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgUpdateParams{Authority: s, Params: must(w.App().Registry.Params(w.Context()))}
	}},
	"/assay.beacon.v1.MsgPostRound": {class: user, make: func(w *world, s string) sdk.Msg {
		m := w.RoundMsg(1)
		m.Relayer = s
		return m
	}},
	"/assay.beacon.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &beacontypes.MsgUpdateParams{Authority: s, Params: must(w.App().Beacon.Params(w.Context()))}
	}},
	"/assay.proofs.v1.MsgRegisterCircuit": {class: authority, make: func(w *world, s string) sdk.Msg {
		circuit := w.circuit
		circuit.Id = "another"
		return &proofstypes.MsgRegisterCircuit{Authority: s, Circuit: circuit}
	}},
	"/assay.proofs.v1.MsgRetireCircuit": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &proofstypes.MsgRetireCircuit{Authority: s, Id: w.circuit.Id}
	}},
	"/assay.proofs.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &proofstypes.MsgUpdateParams{Authority: s, Params: must(w.App().Proofs.Params(w.Context()))}
	}},
	"/assay.penalty.v1.MsgUnjail": {class: user, stranger: penaltytypes.ErrNotJailed, make: func(_ *world, s string) sdk.Msg {
		return &penaltytypes.MsgUnjail{Operator: s}
	}},
	"/assay.penalty.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &penaltytypes.MsgUpdateParams{Authority: s, Params: must(w.App().Penalty.Params(w.Context()))}
	}},
	"/assay.market.v1.MsgSubmitJob": {class: user, make: func(w *world, s string) sdk.Msg {
		m := w.Customers[0].SubmitMsg(w.Customers[0].Spec(w.work, 1))
		m.Customer = s
		return m
	}},
	"/assay.market.v1.MsgCancelJob": {class: customer, stranger: markettypes.ErrNotCustomer, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgCancelJob{Customer: s, JobId: job}
	}},
	"/assay.market.v1.MsgClaimUndelivered": {class: customer, stranger: markettypes.ErrNotCustomer, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgClaimUndelivered{Customer: s, JobId: job}
	}},
	"/assay.market.v1.MsgContestDelivery": {class: customer, stranger: markettypes.ErrNotCustomer, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgContestDelivery{Customer: s, JobId: job, DeliverySecret: w.Customers[0].Secret[:]}
	}},
	"/assay.market.v1.MsgCommitResult": {class: worker, stranger: markettypes.ErrNotWorker, make: func(w *world, s string) sdk.Msg {
		m := w.owner().CommitMsg(job, w.owner().Trace(job))
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgReportUnavailable": {class: worker, stranger: markettypes.ErrNotWorker, make: func(w *world, s string) sdk.Msg {
		m := w.owner().ReportMsg(job)
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgProveResult": {class: worker, stranger: markettypes.ErrNotWorker, make: func(w *world, s string) sdk.Msg {
		m := w.owner().Answer(job, w.owner().Trace(job).Roots(), [][]byte{make([]byte, 196)})
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgDeliverResult": {class: worker, stranger: markettypes.ErrNotWorker, make: func(w *world, s string) sdk.Msg {
		m := w.owner().DeliverMsg(job, w.owner().Trace(job).Result())
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgOpenLease": {class: customer, stranger: registrytypes.ErrDeviceNotFound, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgOpenLease{
			Customer: s, Device: make([]byte, 32), Seconds: 7_200, Tier: markettypes.LEASE_TIER_STANDARD, MaxRate: coins(1_000), Deposit: coins(2_000),
		}
	}},
	"/assay.market.v1.MsgReserveLease": {class: customer, stranger: registrytypes.ErrDeviceNotFound, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgReserveLease{
			Customer: s, Device: make([]byte, 32), Seconds: 7_200, Tier: markettypes.LEASE_TIER_STANDARD, MaxRate: coins(1_000), Deposit: coins(2_000),
			Start: w.Context().BlockTime().Truncate(time.Second).Add(time.Hour).UTC(),
		}
	}},
	"/assay.market.v1.MsgExtendLease": {class: customer, stranger: markettypes.ErrLeaseNotFound, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgExtendLease{Customer: s, LeaseId: lease, Seconds: 3_600, MaxRate: coins(1_000), Deposit: coins(1_000)}
	}},
	"/assay.market.v1.MsgReportOutage": {class: customer, stranger: markettypes.ErrLeaseNotFound, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgReportOutage{Customer: s, LeaseId: lease}
	}},
	// Of these the operator or either side is the signer.
	"/assay.market.v1.MsgCloseLease": {class: user, stranger: markettypes.ErrLeaseNotFound, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgCloseLease{Party: s, LeaseId: lease, Motive: markettypes.LEASE_MOTIVE_OTHER}
	}},
	"/assay.market.v1.MsgReportRecovery": {class: user, stranger: markettypes.ErrLeaseNotFound, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgReportRecovery{Operator: s, LeaseId: lease}
	}},
	"/assay.market.v1.MsgReportLiveness": {class: user, stranger: markettypes.ErrLeaseNotFound, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgReportLiveness{Reporter: s, LeaseId: lease, Seconds: 1, Signature: make([]byte, markettypes.SignatureSize)}
	}},
	"/assay.market.v1.MsgUpdateParams": {class: authority, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgUpdateParams{Authority: s, Params: must(w.App().Market.Params(w.Context()))}
	}},
}

// world is a network in which everything exists that the messages are about.
type world struct {
	*actors.Network
	work      *actors.Work
	circuit   proofstypes.Circuit
	unbonding uint64
}

// owner is the operator that has the job.
func (w *world) owner() *actors.Operator { return w.Operators[0] }

func coins(amount int64) sdk.Coin { return sdk.NewInt64Coin(app.BaseDenom, amount) }

// must is for reads of parameters, which a running chain always has.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// grantTime is how long test grants last.
const grantTime = time.Hour
