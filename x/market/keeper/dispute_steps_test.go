package keeper_test

import (
	"context"
	"slices"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

// watcher is who disputes in the tests.
func (f *fixture) watcher() sdk.AccAddress {
	f.T.Helper()
	if f.challenger == nil {
		f.challenger = f.Fund("watcher", 1_000*assay)
		f.supply = f.supply.AddRaw(1_000 * assay)
	}
	return f.challenger
}

// traceOf is what a proven or sampled job's statements are made of.
func (f *fixture) traceOf(job types.Job) challenge.Trace {
	f.T.Helper()
	spec, err := f.k.Spec(f.Ctx, job.Id)
	require.NoError(f.T, err)
	return challenge.Trace{
		Work:  challenge.Work{Program: spec.Program, Samples: spec.Samples, Inputs: [][]byte{root(1), root(2)}},
		Claim: f.claimOf(job), Seed: [32]byte(job.Seed), Steps: [][]byte{rootOf(resultBlob)},
	}
}

// undrawn is the first entry that was neither drawn nor disputed.
func (f *fixture) undrawn(job types.Job) program.Position {
	f.T.Helper()
	drawn, err := f.traceOf(job).Positions()
	require.NoError(f.T, err)
	for _, entry := range job.Disputed {
		drawn = append(drawn, entry.Position())
	}
	for n := range uint32(6) {
		if at := (program.Position{Row: n / 3, Col: n % 3}); !slices.Contains(drawn, at) {
			return at
		}
	}
	return program.Position{}
}

func (f *fixture) disputeMsg(job types.Job) *types.MsgDisputeResult {
	f.T.Helper()
	return &types.MsgDisputeResult{
		Challenger: f.watcher().String(), JobId: job.Id, Attempt: job.Attempt, Entry: types.EntryAt(f.undrawn(job)),
		MaxBond: sdk.NewInt64Coin("uassay", 100*assay),
	}
}

func (f *fixture) disputeErr(msg *types.MsgDisputeResult) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.DisputeResult(ctx, msg); return err })
}

// disputed is a proven job of which the watcher disputes an entry in the present block.
func (f *fixture) disputed() types.Job {
	f.T.Helper()
	job := f.proven()
	require.NoError(f.T, f.disputeErr(f.disputeMsg(job)))
	return f.requireState(job.Id, types.JOB_STATE_DISPUTED)
}

// answerMsg proves the disputed entry truthfully.
func (f *fixture) answerMsg(job types.Job, free byte) *types.MsgAnswerDispute {
	f.T.Helper()
	trace, err := f.traceOf(job).Dispute(job.Dispute.Number, job.Dispute.Entry.Position())
	require.NoError(f.T, err)
	_, statements, err := challenge.Statements(trace)
	require.NoError(f.T, err)
	digest, err := statements[0].Digest()
	require.NoError(f.T, err)
	return &types.MsgAnswerDispute{
		Worker: job.Worker, JobId: job.Id, Attempt: job.Attempt, Number: job.Dispute.Number,
		Proof: prove("opening-256", digest[:], free),
	}
}

func (f *fixture) answerErr(msg *types.MsgAnswerDispute) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.AnswerDispute(ctx, msg); return err })
}

// convict has the worker of a disputed job answer by a proof of something else.
func (f *fixture) convict(job types.Job) {
	f.T.Helper()
	msg := f.answerMsg(job, 0)
	msg.Proof = prove("opening-256", hashOf("another statement"), 0)
	require.NoError(f.T, f.answerErr(msg))
	f.block(1)
}
