// Package keeper holds the state of the market: jobs, leases, their queues and the market's clock.
package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/collvalue"
	"github.com/assaychain/assay/x/market/types"
)

type (
	// queueKey is (active milliseconds, job id).
	queueKey = collections.Pair[uint64, uint64]
	// pruneKey is (Unix second, job id).
	pruneKey = collections.Pair[int64, uint64]
	// waitingKey is (generation, round, job id).
	waitingKey = collections.Triple[uint64, uint64, uint64]
	// partyKey is (job id, account).
	partyKey = collections.Pair[uint64, sdk.AccAddress]
	// ownerKey is (account, job id).
	ownerKey = collections.Pair[sdk.AccAddress, uint64]
	// runTimeKey is (class of work, hardware).
	runTimeKey = collections.Pair[uint32, string]
)

// Keeper owns the module's store.
type Keeper struct {
	authority string
	ports     types.Ports

	// schema lists the collections below.
	schema collections.Schema
	// params → Params; written by genesis and UpdateParams.
	params collections.Item[types.Params]
	// clock → Clock; written at the end of every block.
	clock collections.Item[types.Clock]
	// nextJobID counts jobs from 1; written by SubmitJob.
	nextJobID collections.Sequence
	// jobs: job id → what changes of a job; written by every step of a job.
	jobs collections.Map[uint64, types.Job]
	// specs: job id → what never changes of it; written by SubmitJob.
	specs collections.Map[uint64, types.Spec]
	// proofs: job id → proofs handed in; written by ProveResult, removed when the attempt fails.
	proofs collections.Map[uint64, types.ProofSet]
	// sealed: job id → sealed output; written by DeliverResult, removed when the job closes or its worker is convicted.
	sealed collections.Map[uint64, []byte]
	// answers: job id → proof of the disputed entry; written by AnswerDispute, removed by the verdict.
	answers collections.Map[uint64, []byte]
	// relays: job id → its claims that relays answer; written by ClaimUndelivered, draws and HandOver, removed like sealed.
	relays collections.Map[uint64, types.RelayRecord]
	// replicas: job id → the present round of a job of several operators; written by each of its steps, removed when nobody is left of it
	// or the job is pruned.
	replicas collections.Map[uint64, types.ReplicaRecord]
	// replicaProofs: (job id, operator) → proof of the entry in which results differ; written by AnswerDispute, removed by the verdict.
	replicaProofs collections.Map[partyKey, []byte]
	// excluded holds (job id, operator) that failed the job; written when an attempt fails, removed when the job closes.
	excluded collections.KeySet[partyKey]
	// reporters holds (job id, operator) that could not fetch its inputs; written by ReportUnavailable, removed when it closes.
	reporters collections.KeySet[partyKey]
	// customers holds (customer, job id); written by SubmitJob.
	customers collections.KeySet[ownerKey]
	// workers holds (operator, job id), the present or last worker only; written by the assignment.
	workers collections.KeySet[ownerKey]
	// open queues (next try, job id) of open jobs.
	open collections.KeySet[queueKey]
	// due queues (deadline, job id) of the states that have one.
	due collections.KeySet[queueKey]
	// verify queues (time of entry, job id) of jobs whose proofs are to be verified.
	verify collections.KeySet[queueKey]
	// waiting holds (generation, round, job id) of committed jobs and of those that wait for relays; written by Fix, removed by the sampling.
	waiting collections.KeySet[waitingKey]
	// prune queues (time, job id) of closed jobs.
	prune collections.KeySet[pruneKey]
	// decisions: job id → how its device was chosen; written by the assignment, removed with the job.
	decisions collections.Map[uint64, types.Decision]
	// decisionsOf: job id → how the operators of its present or last round were chosen; written when they get the job, removed with it.
	decisionsOf collections.Map[uint64, types.ReplicaDecisions]
	// runTimes: (class of work, hardware) → what was learnt; written by CommitResult, as many as there are classes and models.
	runTimes collections.Map[runTimeKey, types.RunTime]
	// patient holds open jobs that were tried PatientTries times in vain; written by retryLater, removed when they leave OPEN.
	patient collections.KeySet[uint64]
	// patientTurn → the last of them that was tried; written when any is.
	patientTurn collections.Item[uint64]
	// backlogs: (class, home cell) → what waits for lanes there; written as jobs begin and cease to wait, and by the measurements of demand.
	backlogs collections.Map[backlogKey, types.Backlog]
	// rent holds the state of leases.
	rent leaseBook
}

// NewKeeper builds the keeper; authority is the account that may change the parameters.
func NewKeeper(
	cdc codec.BinaryCodec, storeService corestore.KVStoreService, authority string, ports types.Ports,
) (*Keeper, error) {
	if cdc == nil || storeService == nil || authority == "" {
		return nil, errors.New("market keeper: codec, store service and authority are all required")
	}
	if err := ports.Validate(); err != nil {
		return nil, err
	}
	sb := collections.NewSchemaBuilder(storeService)
	id := collections.Uint64Key
	queue := collections.PairKeyCodec(id, id)
	party := collections.PairKeyCodec(id, sdk.AccAddressKey)
	owner := collections.PairKeyCodec(sdk.AccAddressKey, id)
	k := &Keeper{
		authority: authority,
		ports:     ports,
		params:    collections.NewItem(sb, types.ParamsKey, "params", collvalue.Of[types.Params](cdc)),
		clock:     collections.NewItem(sb, types.ClockKey, "clock", collvalue.Of[types.Clock](cdc)),
		nextJobID: collections.NewSequence(sb, types.NextJobIDKey, "next_job_id"),
		jobs:      collections.NewMap(sb, types.JobsPrefix, "jobs", id, collvalue.Of[types.Job](cdc)),
		specs:     collections.NewMap(sb, types.SpecsPrefix, "specs", id, collvalue.Of[types.Spec](cdc)),
		proofs:    collections.NewMap(sb, types.ProofsPrefix, "proofs", id, collvalue.Of[types.ProofSet](cdc)),
		sealed:    collections.NewMap(sb, types.SealedPrefix, "sealed", id, collections.BytesValue),
		answers:   collections.NewMap(sb, types.AnswersPrefix, "answers", id, collections.BytesValue),
		relays:    collections.NewMap(sb, types.RelaysPrefix, "relays", id, collvalue.Of[types.RelayRecord](cdc)),
		excluded:  collections.NewKeySet(sb, types.ExcludedPrefix, "excluded", party),
		reporters: collections.NewKeySet(sb, types.ReportersPrefix, "reporters", party),
		customers: collections.NewKeySet(sb, types.CustomersPrefix, "customers", owner),
		workers:   collections.NewKeySet(sb, types.WorkersPrefix, "workers", owner),
		open:      collections.NewKeySet(sb, types.OpenPrefix, "open", queue),
		due:       collections.NewKeySet(sb, types.DuePrefix, "due", queue),
		verify:    collections.NewKeySet(sb, types.VerifyPrefix, "verify", queue),
		waiting:   collections.NewKeySet(sb, types.WaitingPrefix, "waiting", collections.TripleKeyCodec(id, id, id)),
		prune:     collections.NewKeySet(sb, types.PrunePrefix, "prune", collections.PairKeyCodec(collections.Int64Key, id)),
		decisions: collections.NewMap(sb, types.DecisionsPrefix, "decisions", id, collvalue.Of[types.Decision](cdc)),
		runTimes: collections.NewMap(sb, types.RunTimesPrefix, "run_times",
			collections.PairKeyCodec(collections.Uint32Key, collections.StringKey), collvalue.Of[types.RunTime](cdc)),
		backlogs: collections.NewMap(sb, types.BacklogsPrefix, "backlogs",
			collections.PairKeyCodec(collections.Uint32Key, collections.Uint32Key), collvalue.Of[types.Backlog](cdc)),
		patient:       collections.NewKeySet(sb, types.PatientPrefix, "patient", id),
		patientTurn:   collections.NewItem(sb, types.PatientTurnKey, "patient_turn", collections.Uint64Value),
		rent:          newLeaseBook(sb, cdc),
		replicas:      collections.NewMap(sb, types.ReplicasPrefix, "replicas", id, collvalue.Of[types.ReplicaRecord](cdc)),
		replicaProofs: collections.NewMap(sb, types.ReplicaProofsPrefix, "replica_proofs", party, collections.BytesValue),
		decisionsOf:   collections.NewMap(sb, types.ReplicaDecisionsPrefix, "replica_decisions", id, collvalue.Of[types.ReplicaDecisions](cdc)),
	}
	var err error
	k.schema, err = sb.Build()
	return k, err
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// SetParams replaces the parameters. Jobs in flight keep their deadlines and prices. The denomination is fixed at genesis,
// because the books of open jobs are in it.
func (k *Keeper) SetParams(ctx sdk.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	old, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if params.Denom != old.Denom {
		return types.ErrParams.Wrapf("denom is %q: it stays %q, which open jobs are priced in", params.Denom, old.Denom)
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&types.EventParamsUpdated{})
}
