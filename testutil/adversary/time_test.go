package adversary

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/testutil/actors"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const day = 24 * time.Hour

// nobody describes a job that no device of a test network meets.
func nobody(customer *actors.Customer, work *actors.Work) *markettypes.MsgSubmitJob {
	message := customer.SubmitMsg(customer.Spec(work, 1))
	message.Spec.Requirements.Operators = []string{customer.Address.String()}
	return message
}

func TestCancel(t *testing.T) {
	n, customer := start(t, 1)
	before := n.Balance(customer.Address)
	work := actors.Small(t, 1)
	id := customer.Post(nobody(customer, work))
	n.RequireState(id, markettypes.JOB_STATE_OPEN)
	n.Refused(markettypes.ErrNotCustomer, n.Relayer, &markettypes.MsgCancelJob{Customer: n.Relayer.String(), JobId: id})
	n.MustDeliver(customer.Account, customer.CancelMsg(id))
	require.Equal(t, markettypes.CLOSE_REASON_CANCELLED.String(), n.Job(id).CloseReason.String())
	require.Equal(t, before.String(), n.Balance(customer.Address).String())
	n.Refused(markettypes.ErrState, customer.Account, customer.CancelMsg(id))

	taken := customer.Submit(work, 1)
	n.Refused(markettypes.ErrState, customer.Account, customer.CancelMsg(taken))
}

func TestExpiry(t *testing.T) {
	n, customer := start(t, 1)
	before := n.Balance(customer.Address)
	message := nobody(customer, actors.Small(t, 1))
	message.Deadline = n.Now().Add(3 * minute)
	id := customer.Post(message)
	n.RequireState(id, markettypes.JOB_STATE_OPEN)
	n.Pass(2)
	require.Equal(t, markettypes.CLOSE_REASON_EXPIRED.String(), n.Job(id).CloseReason.String())
	require.Equal(t, before.String(), n.Balance(customer.Address).String())
}

func TestAttemptsExhausted(t *testing.T) {
	n, customer := start(t, 4)
	before := n.Balance(customer.Address)
	id := customer.Submit(actors.Small(t, 1), 1)
	failed := map[string]bool{}
	for range 3 {
		failed[n.Worker(id).String()] = true
		n.Pass(3)
	}
	require.Equal(t, markettypes.CLOSE_REASON_ATTEMPTS_EXHAUSTED.String(), n.Job(id).CloseReason.String())
	require.Len(t, failed, 3)
	require.Len(t, n.Audit.Punishments, 3)
	settlePunishments(t, n)
	victim := math.ZeroInt()
	for _, record := range n.Audit.Punishments {
		require.Equal(t, penaltytypes.OFFENCE_MISSED_COMMIT.String(), record.Offence.String())
		victim = victim.Add(record.ToVictim)
	}
	require.Equal(t, before.Add(victim).String(), n.Balance(customer.Address).String())
}

// An hour without the beacon costs nobody anything, and the time to prove begins when it is back.
func TestBeaconOutage(t *testing.T) {
	n, customer := start(t, 1)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	worker.Commit(id)
	n.Pass(65)
	n.RequireState(id, markettypes.JOB_STATE_COMMITTED)
	n.Step()
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
	n.Pass(2)
	worker.Prove(id)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// A chain that stands still for a day stops every clock, whatever a job waits for.
func TestHalt(t *testing.T) {
	n, customer := start(t, 1)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	n.BlockAfter(day)
	n.RequireState(id, markettypes.JOB_STATE_ASSIGNED)
	worker.Commit(id)
	n.BlockAfter(day)
	n.Sample(id)
	n.BlockAfter(day)
	n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
	worker.Prove(id)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	require.Empty(t, n.Audit.Punishments)
	n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
	n.BlockAfter(day)
	n.Settle(id)
	require.Empty(t, n.Audit.Punishments)
}

// A jailed operator gets no jobs and can't bring its devices back, move them or its stake out of the way, until its term
// is over and it has asked to leave.
func TestJail(t *testing.T) {
	n, customer := start(t, 1)
	operator := n.Operators[0]
	n.Refused(penaltytypes.ErrNotJailed, operator.Account, &penaltytypes.MsgUnjail{Operator: operator.String()})
	customer.Submit(actors.Small(t, 1), 1)
	n.Pass(3)
	require.Len(t, n.Audit.Punishments, 1)

	id := customer.Submit(actors.Small(t, 2), 1)
	n.RequireState(id, markettypes.JOB_STATE_OPEN)
	n.Refused(registrytypes.ErrJailed, operator.Account, operator.Offer(true))
	n.Refused(registrytypes.ErrJailed, operator.Account, operator.RegisterDevice(1))
	n.Refused(registrytypes.ErrJailed, operator.Account, &registrytypes.MsgRetireDevice{Operator: operator.String(), Id: operator.Device})
	n.Refused(penaltytypes.ErrTerm, operator.Account, &penaltytypes.MsgUnjail{Operator: operator.String()})
	required := stakeOf(n, operator).Bonded.SubRaw(1)
	n.Refused(bondtypes.ErrLocked, operator.Account, &bondtypes.MsgUnbond{Operator: operator.String(), Amount: required})

	n.Pass(10)
	n.RequireState(id, markettypes.JOB_STATE_OPEN)
	n.MustDeliver(operator.Account, &penaltytypes.MsgUnjail{Operator: operator.String()})
	n.RequireState(id, markettypes.JOB_STATE_OPEN)
	n.MustDeliver(operator.Account, operator.Offer(true))
	n.Advance(2 * time.Second)
	n.RequireState(id, markettypes.JOB_STATE_ASSIGNED)
	n.Bring(id)
	n.Settle(id)
	require.Len(t, n.Audit.Punishments, 1)
}
