package adversary

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/testutil/actors"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

func TestInputUnavailableOnce(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	reporter := n.Worker(id)
	before := standingOf(n, reporter)
	wrong := reporter.ReportMsg(id)
	wrong.Input = 3
	n.Refused(markettypes.ErrInput, reporter.Account, wrong)
	n.MustDeliver(reporter.Account, reporter.ReportMsg(id))
	requireFailure(t, n, id, markettypes.FAILURE_REASON_INPUT_UNAVAILABLE)
	finish(t, n, id, reporter)
	require.Empty(t, n.Audit.Punishments)
	require.Equal(t, before, standingOf(n, reporter))
}

func TestInputUnavailableTwice(t *testing.T) {
	n, customer := start(t, 3)
	before := n.Balance(customer.Address)
	id := customer.Submit(actors.Small(t, 1), 1)
	first := n.Worker(id)
	n.MustDeliver(first.Account, first.ReportMsg(id))
	n.Step()
	second := n.Worker(id)
	require.NotEqual(t, first.String(), second.String())
	paid := []math.Int{n.Balance(first.Address), n.Balance(second.Address)}
	n.MustDeliver(second.Account, second.ReportMsg(id))
	require.Equal(t, markettypes.CLOSE_REASON_INPUT_UNAVAILABLE.String(), n.Job(id).CloseReason.String())
	require.Empty(t, n.Audit.Punishments)
	require.EqualValues(t, 1000, n.Balance(first.Address).Sub(paid[0]).Int64())
	require.EqualValues(t, 1000, n.Balance(second.Address).Sub(paid[1]).Int64())
	require.EqualValues(t, 2000, before.Sub(n.Balance(customer.Address)).Int64())
}

// proven makes a network with one proven job.
func proven(t *testing.T) (*actors.Network, *actors.Customer, *actors.Operator, uint64) {
	t.Helper()
	n, customer := start(t, 1)
	id := customer.Submit(actors.Small(t, 1), 1)
	return n, customer, n.Bring(id), id
}

// claimFee is what the customer locks with a claim.
const claimFee = 5_000

func TestClaimWithoutAnswer(t *testing.T) {
	n, customer, worker, id := proven(t)
	before := n.Balance(customer.Address)
	n.Refused(markettypes.ErrNotCustomer, n.Relayer, &markettypes.MsgClaimUndelivered{Customer: n.Relayer.String(), JobId: id})
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	require.EqualValues(t, claimFee, before.Sub(n.Balance(customer.Address)).Int64())
	n.Pass(1)
	require.Equal(t, markettypes.CLOSE_REASON_UNDELIVERED.String(), n.Job(id).CloseReason.String())
	requirePunished(t, n, worker, penaltytypes.OFFENCE_UNDELIVERED_RESULT, actors.DefaultBond/20)
	require.EqualValues(t, actors.DefaultPrice+n.Audit.Punishments[0].ToVictim.Int64(), n.Balance(customer.Address).Sub(before).Int64())
	n.Refused(markettypes.ErrState, worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
}

func TestLateAnswer(t *testing.T) {
	n, customer, worker, id := proven(t)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	n.Queue(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
	n.RequireReason(markettypes.ErrLate, n.BlockAfter(minute)[0])
	requirePunished(t, n, worker, penaltytypes.OFFENCE_UNDELIVERED_RESULT, actors.DefaultBond/20)
}

func TestGenuineAnswerUncontested(t *testing.T) {
	n, customer, worker, id := proven(t)
	before := standingOf(n, worker)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
	n.Settle(id)
	require.EqualValues(t, net+claimFee, n.Balance(worker.Address).Sub(before.balance).Int64())
	require.Empty(t, n.Audit.Punishments)
}

// A customer that contests a genuine answer pays all the same, and has given its key away.
func TestGenuineAnswerContested(t *testing.T) {
	n, customer, worker, id := proven(t)
	before := standingOf(n, worker)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Result()))
	wrong := customer.ContestMsg(id)
	wrong.DeliverySecret = make([]byte, 32)
	n.Refused(markettypes.ErrSecret, customer.Account, wrong)
	n.MustDeliver(customer.Account, customer.ContestMsg(id))
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), n.Job(id).CloseReason.String())
	require.EqualValues(t, net+claimFee, n.Balance(worker.Address).Sub(before.balance).Int64())
	require.Equal(t, before.bonded.String(), stakeOf(n, worker).Bonded.String())
	require.Empty(t, n.Audit.Punishments)
}

// What is delivered must be the proven result, bit for bit; anything else in the box is the worker's loss.
func TestFalseAnswerContested(t *testing.T) {
	n, customer, worker, id := proven(t)
	before := n.Balance(customer.Address)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	short := worker.DeliverMsg(id, worker.Trace(id).Result())
	short.Sealed = short.Sealed[1:]
	n.Refused(markettypes.ErrSealed, worker.Account, short)
	n.MustDeliver(worker.Account, worker.DeliverMsg(id, worker.Trace(id).Corrupt(t).Result()))
	n.MustDeliver(customer.Account, customer.ContestMsg(id))
	require.Equal(t, markettypes.CLOSE_REASON_FALSE_DELIVERY.String(), n.Job(id).CloseReason.String())
	requirePunished(t, n, worker, penaltytypes.OFFENCE_FALSE_DELIVERY, actors.DefaultBond/10)
	require.EqualValues(t, actors.DefaultPrice+n.Audit.Punishments[0].ToVictim.Int64(), n.Balance(customer.Address).Sub(before).Int64())
}

// A box of the right size with rubbish in it is as false as one with another result.
func TestUnopenableAnswerContested(t *testing.T) {
	n, customer, worker, id := proven(t)
	n.MustDeliver(customer.Account, customer.ClaimMsg(id))
	answer := worker.DeliverMsg(id, worker.Trace(id).Result())
	answer.Sealed[len(answer.Sealed)-1] ^= 1
	n.MustDeliver(worker.Account, answer)
	n.MustDeliver(customer.Account, customer.ContestMsg(id))
	require.Equal(t, markettypes.CLOSE_REASON_FALSE_DELIVERY.String(), n.Job(id).CloseReason.String())
	requirePunished(t, n, worker, penaltytypes.OFFENCE_FALSE_DELIVERY, actors.DefaultBond/10)
}
