package census

import (
	"bytes"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	daotypes "github.com/assaychain/assay/x/dao/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/program"
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

// roles says which class the field that signs a message stands for. A field that nobody listed fails the census.
var roles = map[string]class{
	"authority": authority, "worker": worker, "customer": customer,

	// This project's modules.
	"backer": user, "challenger": user, "depositor": user, "operator": user, "owner": user, "party": user, "recipient": user, "relayer": user, "reporter": user,
	"sender": user,
	// The SDK's modules.
	"delegator_address": user, "from_address": user, "grantee": user, "granter": user, "inputs": user, "proposer": user,
	"pruner": user, "submitter": user, "validator_addr": user, "validator_address": user, "voter": user,
}

// entry is what the descriptor of a message can't tell.
type entry struct {
	// make is a message that is valid but for its signer. A message that has none is filled from its descriptor.
	make func(w *world, signer string) sdk.Msg
	// reasons are what a stranger is told who signs in its own name for what belongs to another; none where the message
	// concerns nothing but the signer.
	reasons []error
	// own messages of customers and workers concern nothing that exists before.
	own bool
	// submission is what governance says to a proposal with the message, where it isn't what its class says.
	submission []error
}

// job is the number of the job that the world's customer posted and its operator has.
const job = 1

// lease is the number of a lease that is not there.
const lease = 1

// census has what is special about messages. Messages of customers and workers must be here, since they concern what belongs
// to somebody.
var special = map[string]entry{
	"/assay.bond.v1.MsgBond": {make: func(_ *world, s string) sdk.Msg {
		return &bondtypes.MsgBond{Operator: s, Amount: math.NewInt(1_000_000)}
	}},
	"/assay.bond.v1.MsgUnbond": {reasons: []error{bondtypes.ErrLocked}, make: func(_ *world, s string) sdk.Msg {
		return &bondtypes.MsgUnbond{Operator: s, Amount: math.NewInt(1_000_000)}
	}},
	"/assay.bond.v1.MsgCancelUnbonding": {reasons: []error{bondtypes.ErrNoEntry}, make: func(w *world, s string) sdk.Msg {
		return &bondtypes.MsgCancelUnbonding{Operator: s, EntryId: w.unbonding}
	}},
	"/assay.dao.v1.MsgFundTreasury": {make: func(_ *world, s string) sdk.Msg {
		return &daotypes.MsgFundTreasury{Depositor: s, Amount: sdk.NewCoins(coins(1_000))}
	}},
	"/assay.dao.v1.MsgCreateGrant": {make: func(w *world, s string) sdk.Msg {
		return &daotypes.MsgCreateGrant{
			Authority: s, Recipient: w.owner().String(), Purpose: "work", Amount: coins(1_000),
			Stream: &daotypes.Stream{Start: w.Now(), End: w.Now().Add(time.Hour)},
		}
	}},
	"/assay.dao.v1.MsgClaimGrant": {reasons: []error{daotypes.ErrNoGrant}, make: func(_ *world, s string) sdk.Msg {
		return &daotypes.MsgClaimGrant{Recipient: s, GrantId: 1}
	}},
	// What it leaves out it would set to zero.
	"/cosmos.consensus.v1.MsgUpdateParams": {submission: []error{daotypes.ErrGuardrail}},
	"/assay.escrow.v1.MsgDeposit": {reasons: []error{escrowtypes.ErrNotDepositor}, make: func(_ *world, s string) sdk.Msg {
		return &escrowtypes.MsgDeposit{Depositor: s, Scope: markettypes.ModuleName, Id: job, Amount: coins(5_000)}
	}},
	"/assay.escrow.v1.MsgWithdraw": {reasons: []error{escrowtypes.ErrNotDepositor}, make: func(_ *world, s string) sdk.Msg {
		return &escrowtypes.MsgWithdraw{Depositor: s, Scope: markettypes.ModuleName, Id: job, Amount: coins(1_000)}
	}},
	"/assay.registry.v1.MsgRegisterOperator": {make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgRegisterOperator{Operator: s, Moniker: "m", Endpoint: "http://127.0.0.1:1"}
	}},
	"/assay.registry.v1.MsgUpdateOperator": {reasons: []error{registrytypes.ErrOperatorNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgUpdateOperator{Operator: s, Moniker: "m", Endpoint: "http://127.0.0.1:1"}
	}},
	"/assay.registry.v1.MsgRegisterDevice": {reasons: []error{registrytypes.ErrOperatorNotFound}, make: func(w *world, s string) sdk.Msg {
		m := w.owner().RegisterDevice(1)
		m.Operator = s
		return m
	}},
	"/assay.registry.v1.MsgUpdateDevice": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		m := w.owner().Offer(false)
		m.Operator = s
		return m
	}},
	"/assay.registry.v1.MsgRetireDevice": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgRetireDevice{Operator: s, Id: w.owner().Device}
	}},
	"/assay.registry.v1.MsgCommitSpotCheck": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgCommitSpotCheck{Operator: s, Device: w.owner().Device, Check: 1, Commitment: make([]byte, 32)}
	}},
	"/assay.registry.v1.MsgOpenSpotCheck": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgOpenSpotCheck{Operator: s, Device: w.owner().Device, Check: 1, Roots: [][]byte{make([]byte, 32)}}
	}},
	"/assay.registry.v1.MsgReportRoundTrips": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgReportRoundTrips{Operator: s, Device: w.owner().Device,
			RoundTrips: []registrytypes.RoundTrip{{Device: make([]byte, 32), Micros: 40_000}}}
	}},
	"/assay.registry.v1.MsgReportTelemetry": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgReportTelemetry{Operator: s, Device: w.owner().Device, Celsius: 60, Watts: 100}
	}},
	"/assay.registry.v1.MsgSetPowerBudget": {reasons: []error{registrytypes.ErrOperatorNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgSetPowerBudget{Operator: s, Budget: 5_000}
	}},
	"/assay.registry.v1.MsgSetDevicePower": {reasons: []error{registrytypes.ErrNotOwner}, make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgSetDevicePower{Operator: s, Device: w.owner().Device, Hours: 3}
	}},
	"/assay.registry.v1.MsgCreatePool": {make: func(w *world, s string) sdk.Msg {
		return &registrytypes.MsgCreatePool{Owner: s, Name: "p", Operators: []string{w.owner().String()}}
	}},
	"/assay.registry.v1.MsgUpdatePool": {reasons: []error{registrytypes.ErrNotPoolOwner}, make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgUpdatePool{Owner: s, Pool: 1, Name: "q"}
	}},
	"/assay.registry.v1.MsgDeletePool": {reasons: []error{registrytypes.ErrNotPoolOwner}, make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgDeletePool{Owner: s, Pool: 1}
	}},
	"/assay.registry.v1.MsgUpsertGpuModel": {make: func(_ *world, s string) sdk.Msg {
		return &registrytypes.MsgUpsertGpuModel{Authority: s, Model: registrytypes.EmbeddedModels()[0]}
	}},
	"/assay.beacon.v1.MsgPostRound": {make: func(w *world, s string) sdk.Msg {
		m := w.RoundMsg(1)
		m.Relayer = s
		return m
	}},
	"/assay.proofs.v1.MsgRegisterCircuit": {make: func(w *world, s string) sdk.Msg {
		circuit := w.circuit
		circuit.Id = "another"
		return &proofstypes.MsgRegisterCircuit{Authority: s, Circuit: circuit}
	}},
	"/assay.proofs.v1.MsgRetireCircuit": {make: func(w *world, s string) sdk.Msg {
		return &proofstypes.MsgRetireCircuit{Authority: s, Id: w.circuit.Id}
	}},
	"/assay.penalty.v1.MsgUnjail": {reasons: []error{penaltytypes.ErrNotJailed}, make: func(_ *world, s string) sdk.Msg {
		return &penaltytypes.MsgUnjail{Operator: s}
	}},
	"/assay.penalty.v1.MsgSubmitEvidence": {make: func(w *world, s string) sdk.Msg {
		said := func(digest byte) penaltytypes.SignedDigest {
			return penaltytypes.SignedDigest{Digest: bytes.Repeat([]byte{digest}, 32), Signature: bytes.Repeat([]byte{1}, 64)}
		}
		return &penaltytypes.MsgSubmitEvidence{Reporter: s, Equivocation: &penaltytypes.Equivocation{
			Operator: w.owner().String(), Subject: "telemetry", Slot: 1, First: said(1), Second: said(2),
		}}
	}},
	"/assay.market.v1.MsgSubmitJob": {own: true, make: func(w *world, s string) sdk.Msg {
		m := w.Customers[0].SubmitMsg(w.Customers[0].Spec(w.work, 1))
		m.Customer = s
		return m
	}},
	"/assay.market.v1.MsgCancelJob": {reasons: []error{markettypes.ErrNotCustomer}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgCancelJob{Customer: s, JobId: job}
	}},
	"/assay.market.v1.MsgClaimUndelivered": {reasons: []error{markettypes.ErrNotCustomer}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgClaimUndelivered{Customer: s, JobId: job}
	}},
	"/assay.market.v1.MsgContestDelivery": {reasons: []error{markettypes.ErrNotCustomer}, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgContestDelivery{Customer: s, JobId: job, DeliverySecret: w.Customers[0].Secret[:]}
	}},
	"/assay.market.v1.MsgDisputeResult": {reasons: []error{markettypes.ErrState}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgDisputeResult{Challenger: s, JobId: job, Attempt: 1, MaxBond: coins(50_000)}
	}},
	"/assay.market.v1.MsgAnswerDispute": {reasons: []error{markettypes.ErrNotWorker}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgAnswerDispute{Worker: s, JobId: job, Attempt: 1, Number: 1, Proof: make([]byte, 196)}
	}},
	"/assay.market.v1.MsgCommitResult": {reasons: []error{markettypes.ErrNotWorker}, make: func(w *world, s string) sdk.Msg {
		m := w.owner().CommitMsg(job, w.owner().Trace(job))
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgReportUnavailable": {reasons: []error{markettypes.ErrNotWorker}, make: func(w *world, s string) sdk.Msg {
		m := w.owner().ReportMsg(job)
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgProveResult": {reasons: []error{markettypes.ErrNotWorker}, make: func(w *world, s string) sdk.Msg {
		m := w.owner().Answer(job, w.owner().Trace(job).Roots(), [][]byte{make([]byte, 196)})
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgAnswerContest": {reasons: []error{markettypes.ErrNotWorker}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgAnswerContest{Worker: s, JobId: job, Opening: make([]byte, 64)}
	}},
	"/assay.market.v1.MsgRevealResult": {reasons: []error{markettypes.ErrNotWorker}, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgRevealResult{
			Worker: s, JobId: job, Attempt: 1, StepRoots: w.owner().Trace(job).Roots(), Salt: make([]byte, program.SaltSize),
		}
	}},
	"/assay.market.v1.MsgShowDifference": {reasons: []error{markettypes.ErrNotWorker}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgShowDifference{Worker: s, JobId: job, Attempt: 1, Number: 1, Level: 3, Parts: [][]byte{make([]byte, 32)}}
	}},
	"/assay.market.v1.MsgDeliverResult": {reasons: []error{markettypes.ErrNotWorker}, make: func(w *world, s string) sdk.Msg {
		m := w.owner().DeliverMsg(job, w.owner().Trace(job).Result())
		m.Worker = s
		return m
	}},
	"/assay.market.v1.MsgHandOver": {reasons: []error{markettypes.ErrNotWorker}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgHandOver{
			Worker: s, JobId: job, Draw: 1, EphemeralKey: make([]byte, 32), BoxRoot: make([]byte, 32),
			Receipts: []markettypes.RelayReceipt{{Operator: s, Expires: 1, Signature: make([]byte, 64)}},
		}
	}},
	"/assay.market.v1.MsgContestHandOver": {reasons: []error{markettypes.ErrNotCustomer}, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgContestHandOver{
			Customer: s, JobId: job, DeliverySecret: w.Customers[0].Secret[:], Fault: markettypes.RELAY_FAULT_UNOPENED,
			Chunks: []markettypes.ShownChunk{{Sealed: make([]byte, 17)}},
		}
	}},
	"/assay.market.v1.MsgOpenLease": {reasons: []error{registrytypes.ErrDeviceNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgOpenLease{
			Customer: s, Device: make([]byte, 32), Seconds: 7_200, Tier: markettypes.LEASE_TIER_STANDARD, MaxRate: coins(1_000), Deposit: coins(2_000),
		}
	}},
	"/assay.market.v1.MsgReserveLease": {reasons: []error{registrytypes.ErrDeviceNotFound}, make: func(w *world, s string) sdk.Msg {
		return &markettypes.MsgReserveLease{
			Customer: s, Device: make([]byte, 32), Seconds: 7_200, Tier: markettypes.LEASE_TIER_STANDARD, MaxRate: coins(1_000), Deposit: coins(2_000),
			Start: w.Context().BlockTime().Truncate(time.Second).Add(time.Hour).UTC(),
		}
	}},
	"/assay.market.v1.MsgExtendLease": {reasons: []error{markettypes.ErrLeaseNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgExtendLease{Customer: s, LeaseId: lease, Seconds: 3_600, MaxRate: coins(1_000), Deposit: coins(1_000)}
	}},
	"/assay.market.v1.MsgReportOutage": {reasons: []error{markettypes.ErrLeaseNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgReportOutage{Customer: s, LeaseId: lease}
	}},
	// Of these the operator or either side is the signer.
	"/assay.market.v1.MsgCloseLease": {reasons: []error{markettypes.ErrLeaseNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgCloseLease{Party: s, LeaseId: lease, Motive: markettypes.LEASE_MOTIVE_OTHER}
	}},
	"/assay.market.v1.MsgReportRecovery": {reasons: []error{markettypes.ErrLeaseNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgReportRecovery{Operator: s, LeaseId: lease}
	}},
	"/assay.market.v1.MsgReportLiveness": {reasons: []error{markettypes.ErrLeaseNotFound}, make: func(_ *world, s string) sdk.Msg {
		return &markettypes.MsgReportLiveness{Reporter: s, LeaseId: lease, Seconds: 1, Signature: make([]byte, markettypes.SignatureSize)}
	}},
}

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
