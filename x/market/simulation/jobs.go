package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/curve25519"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/market/keeper"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

const (
	// page bounds the jobs among which one is chosen.
	page = 200
	// auditBps is the lowest chance of an audit that a job asks for, in basis points.
	auditBps = 1_000
	// rows, inner and columns of the simulated program's tensors.
	rows, inner, columns = 4, 64, 8
)

// anyJob chooses a job that isn't closed, in one of some states if any are given and if there is one.
func anyJob(
	ctx context.Context, k *keeper.Keeper, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, states ...types.JobState,
) (types.Job, bool) {
	response, err := keeper.NewQueryServer(k).Jobs(ctx, &types.QueryJobsRequest{Active: true, Pagination: &query.PageRequest{Limit: page}})
	if err != nil || len(response.Jobs) == 0 {
		reporter.Skip("there is no active job")
		return types.Job{}, false
	}
	var fitting []types.Job
	for _, job := range response.Jobs {
		for _, state := range states {
			if job.State == state {
				fitting = append(fitting, job)
			}
		}
	}
	if len(fitting) == 0 {
		fitting = response.Jobs
	}
	return fitting[data.Rand().Intn(len(fitting))], true
}

// party is the account of a job's worker or customer; anyone's when there is none.
func party(data *simsx.ChainDataSource, reporter simsx.SimulationReporter, address string) (simsx.SimAccount, bool) {
	account := data.AnyAccount(reporter)
	if data.HasAccount(address) {
		account = data.GetAccount(reporter, address)
	}
	return account, !reporter.IsSkipped()
}

// refused is what a message about a job may be told, whose state the factory does not look at closely.
func refused(err error) error {
	for _, reason := range []error{
		types.ErrState, types.ErrNotCustomer, types.ErrNotWorker, types.ErrAttempt, types.ErrLate, types.ErrSealed, types.ErrSecret,
		types.ErrReceipt, types.ErrFault, types.ErrFewRelays, types.ErrClaims, types.ErrTooLarge, types.ErrWrongRound, types.ErrAlreadyProven, types.ErrCommitmentMismatch, types.ErrInput, types.ErrProofs,
		types.ErrEntry, types.ErrOwnResult, types.ErrDisputes, types.ErrBond, types.ErrAnswer,
		types.ErrReplicas, types.ErrAudit, types.ErrReveal, types.ErrDifference, types.ErrAnswered, types.ErrRoots,
	} {
		if errors.Is(err, reason) {
			return nil
		}
	}
	return err
}

// secret and public are the two halves of the key that results are delivered to.
var secret = sha256.Sum256([]byte("delivery key of simulated customers"))

func public() ([]byte, error) { return publicOf(secret) }

func publicOf(secret [32]byte) ([]byte, error) {
	return curve25519.X25519(secret[:], curve25519.Basepoint)
}

// contestKeys are the secret of a job's present key and, of several operators, the key after it. Each secret is the hash of the one before.
func contestKeys(job types.Job) (present [32]byte, next []byte, err error) {
	present = secret
	if job.Replicas == 0 {
		return present, nil, nil
	}
	for range 2 * job.Replicas {
		key, err := publicOf(present)
		if err != nil {
			return present, nil, err
		}
		following := sha256.Sum256(present[:])
		if next, err = publicOf(following); err != nil || len(job.DeliveryKey) == 0 || bytes.Equal(key, job.DeliveryKey) {
			return present, next, err
		}
		present = following
	}
	return present, next, nil
}

// root is a commitment to nothing, told apart by its parts. Its first byte keeps it below the field's modulus.
func root(parts ...uint64) []byte {
	var text []byte
	for _, part := range parts {
		text = binary.BigEndian.AppendUint64(text, part)
	}
	hash := sha256.Sum256(text)
	hash[0] = 0
	return hash[:]
}

// spec is a job of one step over tensors that nobody has.
func spec(r *simsx.XRand, key []byte) types.Spec {
	input := func(seed uint64) types.InputRef {
		return types.InputRef{Root: root(seed), Locators: []string{"https://inputs.example/" + string(rune('a'+seed%26))}}
	}
	s := types.Spec{
		Program: program.Program{
			Version: program.Version,
			Inputs: []program.Tensor{
				{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: rows, Cols: inner},
				{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: columns, Cols: inner},
			},
			Steps: []program.DenseStep{{Input: "x", Weight: "w", Output: "y", OutputType: program.DATA_TYPE_INT32, Activation: program.ACTIVATION_IDENTITY}},
		},
		Inputs: []types.InputRef{input(r.Uint64()), input(r.Uint64())},
		Policy: types.VERIFICATION_POLICY_PROOF, Samples: uint32(1 + r.Intn(3)), DeliveryKey: key,
		Assurance: types.Assurance(r.Intn(int(types.ASSURANCE_REVEALED) + 1)),
	}
	switch r.Intn(8) {
	case 0, 1:
		replicate(&s, r)
	case 2:
		s.Policy, s.Audit = types.VERIFICATION_POLICY_AUDIT, &types.AuditTerms{Bps: uint32(auditBps + r.Intn(10_001-auditBps))}
	}
	return s
}

// placed asks for a tier, now and then for a home, a round trip, attested devices, and a pool or a few operators, some of whom have no device.
func placed(spec types.Spec, data *simsx.ChainDataSource, reporter simsx.SimulationReporter, params types.Params) types.Spec {
	r, asked := data.Rand(), &spec.Requirements
	asked.Tier = types.JobTier(r.Intn(int(types.JOB_TIER_REALTIME) + 1))
	if r.Intn(3) == 0 {
		asked.Cell = uint32(1 + r.Intn(types.CellsLimit))
	}
	if asked.Cell > 0 && r.Intn(3) == 0 {
		asked.MaxRoundTripMs = uint32(1 + r.Intn(500))
	}
	asked.AttestedOnly = r.Intn(12) == 0
	if r.Intn(8) == 0 {
		asked.Pool = uint64(1 + r.Intn(6))
		return spec
	}
	if r.Intn(4) > 0 {
		return spec
	}
	for range 1 + r.Intn(int(min(params.MaxEligible, 4))) {
		operator := data.AnyAccount(reporter).AddressBech32
		if !slices.Contains(asked.Operators, operator) {
			asked.Operators = append(asked.Operators, operator)
		}
	}
	if spec.Operators() > 1 && len(asked.Operators) < int(spec.Operators()) {
		asked.Operators = nil // Each of several is another one of them.
	}
	return spec
}

// MsgSubmitJobFactory posts a job at the lowest price or above.
func MsgSubmitJobFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, *types.MsgSubmitJob, simsx.SimDeliveryResultHandler) {
		params, err := k.Params(ctx)
		key, keyErr := public()
		if err = errors.Join(err, keyErr); err != nil {
			reporter.Skip(err.Error())
			return nil, nil, nil
		}
		customer := data.AnyAccount(reporter, simsx.WithDenomBalance(params.Denom))
		if reporter.IsSkipped() {
			return nil, nil, nil
		}
		r := data.Rand()
		more := math.NewInt(r.Int63n(100_000))
		job := spec(r, key)
		price, err := k.LeastPrice(params, job)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, nil, nil
		}
		price.Amount = price.Amount.Add(more.MulRaw(int64(job.Operators())))
		if !customer.LiquidBalance().BlockAmount(price) {
			reporter.Skip("the customer can't pay")
			return nil, nil, nil
		}
		least := int64(params.CommitBaseSeconds + params.CommitSecondsPerGmac)
		deadline := sdk.UnwrapSDKContext(ctx).BlockTime().Add(time.Duration(least+r.Int63n(86_400)) * time.Second)
		return []simsx.SimAccount{customer}, &types.MsgSubmitJob{
				Customer: customer.AddressBech32, Spec: placed(job, data, reporter, params), MaxPrice: price, Deadline: deadline,
			}, func(err error) error {
				// The circuit of the class is retired; the pool isn't there, or spot checks are off.
				if errors.Is(err, types.ErrSpec) || errors.Is(err, types.ErrUnmeetable) {
					return nil
				}
				return err
			}
	})
}

// MsgCancelJobFactory takes a job back.
func MsgCancelJobFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofCustomer(k, func(job types.Job, customer string) *types.MsgCancelJob {
		return &types.MsgCancelJob{Customer: customer, JobId: job.Id}
	}, types.JOB_STATE_OPEN)
}

// MsgClaimUndeliveredFactory tells that a result did not arrive.
func MsgClaimUndeliveredFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return ofCustomer(k, func(job types.Job, customer string) *types.MsgClaimUndelivered {
		return &types.MsgClaimUndelivered{Customer: customer, JobId: job.Id}
	}, types.JOB_STATE_PROVEN)
}

// MsgContestDeliveryFactory opens a delivery.
func MsgContestDeliveryFactory(k *keeper.Keeper) simsx.SimMsgFactoryX {
	return about(k, func(_ context.Context, job types.Job, signer string) (*types.MsgContestDelivery, error) {
		present, next, err := contestKeys(job)
		return &types.MsgContestDelivery{Customer: signer, JobId: job.Id, DeliverySecret: present[:], NextDeliveryKey: next}, err
	}, func(_ context.Context, _ *simsx.ChainDataSource, job types.Job) string { return job.Customer }, types.JOB_STATE_DELIVERED)
}

// ofCustomer is a message of a job's customer, best in one state.
func ofCustomer[M sdk.Msg](k *keeper.Keeper, of func(types.Job, string) M, state types.JobState) simsx.SimMsgFactoryX {
	return about(k, func(_ context.Context, job types.Job, signer string) (M, error) { return of(job, signer), nil },
		func(_ context.Context, _ *simsx.ChainDataSource, job types.Job) string { return job.Customer }, state)
}

// about is a message about a job by one of its parties.
func about[M sdk.Msg](
	k *keeper.Keeper, of func(context.Context, types.Job, string) (M, error),
	signer func(context.Context, *simsx.ChainDataSource, types.Job) string, states ...types.JobState,
) simsx.SimMsgFactoryX {
	return simsx.NewSimMsgFactoryWithDeliveryResultHandler(func(
		ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter,
	) ([]simsx.SimAccount, M, simsx.SimDeliveryResultHandler) {
		var none M
		job, ok := anyJob(ctx, k, data, reporter, states...)
		if !ok {
			return nil, none, nil
		}
		account, ok := party(data, reporter, signer(ctx, data, job))
		if !ok {
			return nil, none, nil
		}
		message, err := of(ctx, job, account.AddressBech32)
		if err != nil {
			reporter.Skip(err.Error())
			return nil, none, nil
		}
		return []simsx.SimAccount{account}, message, refused
	})
}
