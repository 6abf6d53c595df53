package keeper

import (
	"bytes"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/types"
)

// importReplicas writes the round of a job of several operators and its index.
func (k *Keeper) importReplicas(ctx sdk.Context, entry *types.JobEntry) error {
	id := entry.Job.Id
	if len(entry.ReplicaDecisions) > 0 {
		if err := k.decisionsOf.Set(ctx, id, types.ReplicaDecisions{Decisions: entry.ReplicaDecisions}); err != nil {
			return err
		}
	}
	if entry.Replicas == nil {
		return nil
	}
	if err := k.replicas.Set(ctx, id, *entry.Replicas); err != nil {
		return err
	}
	for _, operator := range entry.Replicas.Workers() {
		worker, err := accounts.Decode(operator)
		if err != nil {
			return types.ErrAddress.Wrapf("job %d: replica: %s", id, err)
		}
		if err := k.workers.Set(ctx, collections.Join(worker, id)); err != nil {
			return err
		}
	}
	for _, given := range entry.ReplicaProofs {
		worker, err := accounts.Decode(given.Worker)
		if err != nil {
			return types.ErrAddress.Wrapf("job %d: replica_proofs: %s", id, err)
		}
		if err := k.replicaProofs.Set(ctx, collections.Join(id, worker), given.Proof); err != nil {
			return err
		}
	}
	return nil
}

// exportReplicas reads them, proofs by the bytes of their workers' addresses.
func (k *Keeper) exportReplicas(ctx sdk.Context, entry *types.JobEntry) (err error) {
	if entry.ReplicaDecisions, err = k.roundDecisions(ctx, entry.Job.Id); err != nil {
		return err
	}
	if !entry.Job.HoldsReplicas() {
		return nil
	}
	record, err := k.round(ctx, &entry.Job)
	if err != nil {
		return err
	}
	entry.Replicas = &record
	prefix := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](entry.Job.Id)
	return k.replicaProofs.Walk(ctx, prefix, func(key partyKey, proof []byte) (bool, error) {
		entry.ReplicaProofs = append(entry.ReplicaProofs, types.ReplicaProof{Worker: key.K2().String(), Proof: bytes.Clone(proof)})
		return false, nil
	})
}

// countReplicas adds the operators of a job of several to the tally.
func (k *Keeper) countReplicas(ctx sdk.Context, t *tally, job *types.Job) error {
	if !job.HoldsReplicas() {
		return nil
	}
	record, err := k.round(ctx, job)
	if err != nil {
		return err
	}
	t.rounds++
	for _, i := range record.Standing() {
		replica := record.Replicas[i]
		t.owned++
		if replica.Answered {
			t.proofs++
		}
		state := job.State.Lifecycle()
		if state.HoldsLane() {
			t.addLane(replica.Device)
		}
		as := asReplica(job, replica)
		as.Exposure = replica.Exposure
		if err := t.addExposure(&as, state); err != nil {
			return err
		}
	}
	return nil
}

// countRounds counts the rounds in the store, and the proofs that wait.
func (k *Keeper) countRounds(ctx sdk.Context) (rounds, proofs int, err error) {
	err = k.replicas.Walk(ctx, nil, func(uint64, types.ReplicaRecord) (bool, error) {
		rounds++
		return false, nil
	})
	if err != nil {
		return rounds, 0, err
	}
	err = k.replicaProofs.Walk(ctx, nil, func(partyKey, []byte) (bool, error) {
		proofs++
		return false, nil
	})
	return rounds, proofs, err
}
