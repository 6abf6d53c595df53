package actors

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/prover"
	"github.com/assaychain/assay/testutil/chain"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/market/delivery"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Operator has a device and does a worker's part of the jobs that come to it.
type Operator struct {
	*chain.Account
	// Device is the id of its first device.
	Device  []byte
	index   int
	network *Network
	// traces of the jobs it ran, by job.
	traces map[uint64]*Trace
}

func newOperator(n *Network, index int, account *chain.Account) *Operator {
	return &Operator{Account: account, Device: DeviceID(index, 0), index: index, network: n, traces: map[uint64]*Trace{}}
}

// DeviceID is the id of an operator's device.
func DeviceID(operator, device int) []byte {
	id := sha256.Sum256(fmt.Appendf(nil, "uuid %d/%d", operator, device))
	return id[:]
}

// Registration is what makes the account an operator with a bond and a device. The first operator is the cheapest.
func (o *Operator) Registration(bond int64) []sdk.Msg {
	return []sdk.Msg{
		&bondtypes.MsgBond{Operator: o.String(), Amount: math.NewInt(bond)},
		&registrytypes.MsgRegisterOperator{
			Operator: o.String(), Moniker: fmt.Sprintf("operator %d", o.index), Endpoint: "http://127.0.0.1:26800",
		},
		o.RegisterDevice(0),
	}
}

// RegisterDevice registers one of the operator's devices.
func (o *Operator) RegisterDevice(device int) *registrytypes.MsgRegisterDevice {
	return &registrytypes.MsgRegisterDevice{
		Operator: o.String(), Id: DeviceID(o.index, device), Model: "test processor", Class: registrytypes.DEVICE_CLASS_CPU,
		Backend: registrytypes.BACKEND_CPU, MemoryMib: 1024, Lanes: 4, Price: math.NewInt(int64(100 + o.index)), Available: true,
		Levels: o.network.levels,
	}
}

// Offer sets whether the operator's device takes jobs.
func (o *Operator) Offer(available bool) *registrytypes.MsgUpdateDevice {
	return &registrytypes.MsgUpdateDevice{
		Operator: o.String(), Id: o.Device, Lanes: 4, Price: math.NewInt(int64(100 + o.index)), Available: available,
		Levels: o.network.levels,
	}
}

// Trace runs a job's program on the inputs that its roots name, once.
func (o *Operator) Trace(id uint64) *Trace {
	n := o.network
	n.t.Helper()
	if known, ok := o.traces[id]; ok {
		return known
	}
	spec, err := n.App().Market.Spec(n.Context(), id)
	require.NoError(n.t, err)
	work := &Work{Program: spec.Program, Full: spec.Assurance == markettypes.ASSURANCE_FULL}
	for i, input := range spec.Inputs {
		blob, ok := n.shelf[string(input.Root)]
		require.True(n.t, ok, "input %d of job %d can't be fetched", i, id)
		work.Inputs = append(work.Inputs, blob)
	}
	o.traces[id] = work.Run(n.t)
	return o.traces[id]
}

// CommitMsg commits to a trace.
func (o *Operator) CommitMsg(id uint64, trace *Trace) *markettypes.MsgCommitResult {
	n := o.network
	n.t.Helper()
	job := n.Job(id)
	claim := program.Claim{ChainID: n.ID(), JobID: id, Attempt: job.Attempt, Worker: o.Address}
	commitment, err := program.CommitmentHash(claim, trace.Roots())
	require.NoError(n.t, err)
	return &markettypes.MsgCommitResult{Worker: o.String(), JobId: id, Attempt: job.Attempt, Commitment: commitment[:]}
}

// ProveMsg proves a trace at the positions drawn.
func (o *Operator) ProveMsg(id uint64, trace *Trace) *markettypes.MsgProveResult {
	n := o.network
	n.t.Helper()
	return o.Answer(id, trace.Roots(), n.Proofs(n.Challenge(id, trace.Roots()), trace))
}

// Answer hands in roots and proofs.
func (o *Operator) Answer(id uint64, roots, proofs [][]byte) *markettypes.MsgProveResult {
	job := o.network.Job(id)
	return &markettypes.MsgProveResult{
		Worker: o.String(), JobId: id, Attempt: job.Attempt, Round: job.Round, StepRoots: roots, Proofs: proofs,
	}
}

// Proofs proves what a challenge demands of a trace.
func (n *Network) Proofs(c challenge.Trace, trace *Trace) [][]byte {
	n.t.Helper()
	spec, err := n.App().Market.Spec(n.Context(), c.Claim.JobID)
	require.NoError(n.t, err)
	if spec.Assurance == markettypes.ASSURANCE_MODEL {
		return n.ProveRows(c, trace)
	}
	if trace.Full {
		proofs, err := FullProofs(n.t, c, trace)
		require.NoError(n.t, err)
		return proofs
	}
	positions, statements, err := challenge.Statements(c)
	require.NoError(n.t, err)
	tasks := trace.Tasks(n.t, positions, statements)
	if spec.Assurance == markettypes.ASSURANCE_REVEALED {
		return Reveal(tasks)
	}
	return n.ProveTasks(tasks)
}

// Reveal encodes openings in the clear, whether they show anything or not.
func Reveal(tasks []prover.Task) [][]byte {
	openings := make([][]byte, len(tasks))
	for i, task := range tasks {
		openings[i] = revealed.Marshal(task.Statement, task.Openings)
	}
	return openings
}

// ProveTasks proves whatever a worker may want to prove.
func (n *Network) ProveTasks(tasks []prover.Task) [][]byte {
	n.t.Helper()
	return ProveTasks(n.t, tasks)
}

// ProveTasks proves with the shared development keys, without a network.
func ProveTasks(t testing.TB, tasks []prover.Task) [][]byte {
	t.Helper()
	proofs, err := load(t).prover.ProveAll(context.Background(), tasks)
	require.NoError(t, err)
	return proofs
}

// TryToProve returns why the worker's prover refuses tasks.
func (n *Network) TryToProve(tasks []prover.Task) error {
	_, err := n.tools.prover.ProveAll(context.Background(), tasks)
	return err
}

// ReportMsg tells that an input can't be fetched.
func (o *Operator) ReportMsg(id uint64) *markettypes.MsgReportUnavailable {
	return &markettypes.MsgReportUnavailable{Worker: o.String(), JobId: id, Attempt: o.network.Job(id).Attempt}
}

// DeliverMsg seals a result for the job's customer.
func (o *Operator) DeliverMsg(id uint64, result *tensor.Tensor) *markettypes.MsgDeliverResult {
	n := o.network
	n.t.Helper()
	spec, err := n.App().Market.Spec(n.Context(), id)
	require.NoError(n.t, err)
	sealed, err := delivery.Seal(rand.Reader, tensor.EncodeBlob(result), n.Job(id).ResultKey(spec))
	require.NoError(n.t, err)
	return &markettypes.MsgDeliverResult{Worker: o.String(), JobId: id, Sealed: sealed}
}

// Commit runs the program and commits to its trace in the next block.
func (o *Operator) Commit(id uint64) *abci.ExecTxResult {
	o.network.t.Helper()
	return o.network.MustDeliver(o.Account, o.CommitMsg(id, o.Trace(id)))
}

// Prove proves the trace in the next block.
func (o *Operator) Prove(id uint64) *abci.ExecTxResult {
	o.network.t.Helper()
	return o.network.MustDeliver(o.Account, o.ProveMsg(id, o.Trace(id)))
}

// Sample lets blocks pass until the round of a committed job is posted and its positions are drawn.
func (n *Network) Sample(id uint64) {
	n.t.Helper()
	for range 10 {
		if n.Job(id).State == markettypes.JOB_STATE_SAMPLED {
			return
		}
		n.mustAll(n.Step())
	}
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
}

// Bring takes a job that is assigned to the proven state, honestly.
func (n *Network) Bring(id uint64) *Operator {
	n.t.Helper()
	worker := n.Worker(id)
	worker.Commit(id)
	n.Sample(id)
	worker.Prove(id)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	return worker
}

// Settle lets blocks pass until a proven job is closed.
func (n *Network) Settle(id uint64) {
	n.t.Helper()
	for range 30 {
		if n.Job(id).State == markettypes.JOB_STATE_CLOSED {
			break
		}
		n.Block()
	}
	require.Equal(n.t, markettypes.CLOSE_REASON_SETTLED.String(), n.Job(id).CloseReason.String())
}

// Pass lets active time pass in blocks a minute apart, at which the market's clock still counts all of it.
func (n *Network) Pass(minutes int) {
	n.t.Helper()
	for range minutes {
		n.BlockAfter(minute)
	}
}
