package simulation

import (
	"bytes"
	"context"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	proofssimulation "github.com/assaychain/assay/x/proofs/simulation"
)

// roots are the trace that a worker says it has, one root a step.
func roots(job types.Job, s types.Spec) [][]byte {
	list := make([][]byte, len(s.Program.Steps))
	for i := range list {
		list[i] = root(job.Id, uint64(job.Attempt), uint64(i))
	}
	return list
}

// ofWorker is a message of a job's worker, or of one of several, best in some states.
func ofWorker[M sdk.Msg](k *keeper.Keeper, of func(context.Context, types.Job, string) (M, error), states ...types.JobState) simsx.SimMsgFactoryX {
	return about(k, of, func(ctx context.Context, data *simsx.ChainDataSource, job types.Job) string {
		if job.State.Lifecycle().IsReplicated() {
			return replicaOf(ctx, k, data, job)
		}
		return job.Worker
	}, states...)
}

// MsgCommitResultFactory commits to a trace that nobody computed.
func MsgCommitResultFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgCommitResult, error) {
		if job.Replicas > 0 {
			return commitReplica(ctx, job, worker)
		}
		s, err := k.Spec(ctx, job.Id)
		if err != nil {
			return nil, err
		}
		address, err := accounts.Decode(worker)
		if err != nil {
			return nil, err
		}
		claim := program.Claim{ChainID: sdk.UnwrapSDKContext(ctx).ChainID(), JobID: job.Id, Attempt: job.Attempt, Worker: address}
		commitment, err := program.CommitmentHash(claim, roots(job, s))
		if err != nil {
			return nil, err
		}
		return &types.MsgCommitResult{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Commitment: commitment[:]}, nil
	}, types.JOB_STATE_ASSIGNED, types.JOB_STATE_REPLICATING)
}

// MsgReportUnavailableFactory tells that an input can't be fetched.
func MsgReportUnavailableFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(_ context.Context, job types.Job, worker string) (*types.MsgReportUnavailable, error) {
		return &types.MsgReportUnavailable{Worker: worker, JobId: job.Id, Attempt: job.Attempt}, nil
	}, types.JOB_STATE_ASSIGNED, types.JOB_STATE_REPLICATING)
}

// MsgProveResultFactory hands in well-formed proofs of something else, which the block finds out.
func MsgProveResultFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgProveResult, error) {
		s, err := k.Spec(ctx, job.Id)
		if err != nil {
			return nil, err
		}
		answer := &types.MsgProveResult{Worker: worker, JobId: job.Id, Attempt: job.Attempt, Round: job.Round, StepRoots: roots(job, s)}
		answer.Proofs, err = proofs(job, s, answer.StepRoots)
		return answer, err
	}, types.JOB_STATE_SAMPLED)
}

// proofs are well-formed proofs of a job's level that prove nothing.
func proofs(job types.Job, s types.Spec, roots [][]byte) (list [][]byte, err error) {
	if s.Assurance != types.ASSURANCE_REVEALED || len(job.Seed) != 32 {
		for range s.Samples {
			list = append(list, proofssimulation.Proof())
		}
		return list, nil
	}
	trace := challenge.Trace{Work: challenge.Work{Program: s.Program, Samples: s.Samples}, Seed: [32]byte(job.Seed), Steps: roots}
	trace.Claim = program.Claim{ChainID: "assay-test-1", JobID: job.Id, Attempt: job.Attempt, Worker: []byte(job.Worker)}
	for _, input := range s.Inputs {
		trace.Inputs = append(trace.Inputs, input.Root)
	}
	return proofssimulation.Openings(trace)
}

// MsgDeliverResultFactory delivers a box of the right size that holds nothing.
func MsgDeliverResultFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(ctx context.Context, job types.Job, worker string) (*types.MsgDeliverResult, error) {
		s, err := k.Spec(ctx, job.Id)
		if err != nil {
			return nil, err
		}
		output, err := s.Program.Result()
		if err != nil {
			return nil, err
		}
		return &types.MsgDeliverResult{Worker: worker, JobId: job.Id, Sealed: bytes.Repeat([]byte{1}, int(delivery.SealedSize(output)))}, nil
	}, types.JOB_STATE_CLAIMED)
}

// MsgAnswerContestFactory answers a contest with zeros: the value 0 and a quotient that is no point.
func MsgAnswerContestFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofWorker(k, func(_ context.Context, job types.Job, worker string) (*types.MsgAnswerContest, error) {
		return &types.MsgAnswerContest{Worker: worker, JobId: job.Id, Opening: make([]byte, 64)}, nil
	}, types.JOB_STATE_CONTESTED)
}
