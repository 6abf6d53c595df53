package simulation

import (
	"context"
	"crypto/sha256"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// replicate has a job computed by two or three operators.
func replicate(s *types.Spec, r *simsx.XRand) {
	s.Policy, s.Replicas, s.Agreement = types.VERIFICATION_POLICY_REPLICA, uint32(2+r.Intn(2)), 2
}

// replicaOf is one of the operators that stand for a job, any of them; none when it has no round.
func replicaOf(ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, job types.Job) string {
	response, err := keeper.NewQueryServer(k).Replicas(ctx, &types.QueryReplicasRequest{Id: job.Id})
	if err != nil {
		return ""
	}
	workers := response.Record.Workers()
	if len(workers) == 0 {
		return ""
	}
	return workers[data.Rand().Intn(len(workers))]
}

// replicaTree is what a simulated operator says that it computed: zeros, and every third of them a one in its last entry.
func replicaTree(worker sdk.AccAddress) (*tensor.Tensor, *tensor.Tree, error) {
	values := make([]int32, rows*columns)
	if worker[0]%3 == 0 {
		values[len(values)-1] = 1
	}
	result, err := tensor.NewInt32(rows, columns, values)
	if err != nil {
		return nil, nil, err
	}
	tree, err := tensor.NewTree(result.RowDigests())
	return result, tree, err
}

// replicaAnswer is what is needed of an operator's answer: its claim, its salt and its roots.
func replicaAnswer(ctx context.Context, job types.Job, worker string) (claim program.Claim, salt []byte, roots [][]byte, err error) {
	address, err := accounts.Decode(worker)
	if err != nil {
		return claim, nil, nil, err
	}
	_, tree, err := replicaTree(address)
	if err != nil {
		return claim, nil, nil, err
	}
	sum := sha256.Sum256(address)
	claim = program.Claim{ChainID: sdk.UnwrapSDKContext(ctx).ChainID(), JobID: job.Id, Attempt: job.Attempt, Worker: address}
	return claim, sum[:], [][]byte{tensor.EncodeRoot(tree.Root())}, nil
}

// commitReplica commits to what a simulated operator says.
func commitReplica(ctx context.Context, job types.Job, worker string) (*types.MsgCommitResult, error) {
	claim, salt, roots, err := replicaAnswer(ctx, job, worker)
	if err != nil {
		return nil, err
	}
	commitment, err := program.ReplicaCommitment(claim, salt, roots)
	return &types.MsgCommitResult{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Commitment: commitment[:]}, err
}

// MsgRevealResultFactory reveals what a simulated operator committed to.
func MsgRevealResultFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgRevealResult, error) {
		_, salt, roots, err := replicaAnswer(ctx, job, worker)
		return &types.MsgRevealResult{Worker: worker, JobId: job.Id, Attempt: job.Attempt, StepRoots: roots, Salt: salt}, err
	}, types.JOB_STATE_REVEALING)
}

// MsgShowDifferenceFactory shows what a simulated operator has where results differ.
func MsgShowDifferenceFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgShowDifference, error) {
		msg := &types.MsgShowDifference{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Parts: [][]byte{{0}}}
		response, err := keeper.NewQueryServer(k).Replicas(ctx, &types.QueryReplicasRequest{Id: job.Id})
		if err != nil || response.Record.Difference == nil {
			return msg, err
		}
		address, err := accounts.Decode(worker)
		if err != nil {
			return nil, err
		}
		d := response.Record.Difference
		msg.Number, msg.Level = d.Number, d.Level
		msg.Parts, err = shown(address, d)
		return msg, err
	}, types.JOB_STATE_DIVERGED)
}

func shown(worker sdk.AccAddress, d *types.Difference) ([][]byte, error) {
	result, tree, err := replicaTree(worker)
	if err != nil {
		return nil, err
	}
	if d.Level == 0 {
		size := int(tensor.RowBytes(result.Shape))
		return [][]byte{tensor.EncodeBlob(result)[int(d.Index)*size : int(d.Index+1)*size]}, nil
	}
	nodes, parts := tree.Nodes(int(d.Level)-1), [][]byte(nil)
	for i := range replicas.Children(uint32(len(nodes)), d.Index) {
		parts = append(parts, tensor.EncodeRoot(nodes[d.Index*replicas.Width+i]))
	}
	return parts, nil
}
