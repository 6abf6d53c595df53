// Package adversary holds the cheats: what a dishonest worker or customer may try, what the chain does about it, and that
// the honest are unharmed. Every test runs on a whole application with real proofs; the auditor of testutil/actors checks
// the books, the supply and the silence of all hooks after each block.
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
)

const minute = time.Minute

// net is what a worker gets of the lowest price, 10,000, after 2% to the community pool.
const net = 9_800

// start makes a network of operators, ranked by price, and one customer.
func start(t *testing.T, operators int) (*actors.Network, *actors.Customer) {
	t.Helper()
	n := actors.New(t, actors.Config{Operators: operators, Customers: 1})
	return n, n.Customers[0]
}

// standing is what an actor owns.
type standing struct{ balance, bonded math.Int }

func standingOf(n *actors.Network, o *actors.Operator) standing {
	stake := stakeOf(n, o)
	return standing{n.Balance(o.Address), stake.Bonded}
}

func stakeOf(n *actors.Network, o *actors.Operator) bondtypes.Stake {
	stake, err := n.App().Bond.Stake(n.Context(), o.Address)
	if err != nil {
		panic(err)
	}
	return stake
}

// finish lets the honest second worker do the job that a first one failed at, and requires that it earned its price and
// lost nothing.
func finish(t *testing.T, n *actors.Network, id uint64, cheat *actors.Operator) {
	t.Helper()
	honest := n.Worker(id)
	require.NotEqual(t, cheat.String(), honest.String(), "the job must not go back to who failed it")
	before := standingOf(n, honest)
	n.Bring(id)
	n.Settle(id)
	after := standingOf(n, honest)
	require.Equal(t, before.balance.Add(earned(n, id)).String(), after.balance.String())
	require.Equal(t, before.bonded.String(), after.bonded.String())
	for _, record := range n.Audit.Punishments {
		require.NotEqual(t, honest.String(), record.Operator, "the honest worker was punished")
	}
	require.Zero(t, stakeOf(n, honest).Exposure.Int64())
}

// requirePunished requires that exactly one punishment was given, for an offence, that what was slashed is held until the
// time to appeal is over, and that its money adds up then.
func requirePunished(t *testing.T, n *actors.Network, cheat *actors.Operator, offence penaltytypes.Offence, slashed int64) {
	t.Helper()
	require.Len(t, n.Audit.Punishments, 1)
	record := n.Audit.Punishments[0]
	require.Equal(t, cheat.String(), record.Operator)
	require.Equal(t, offence.String(), record.Offence.String())
	require.Equal(t, slashed, record.Slashed.Int64())
	require.Equal(t, n.Customers[0].String(), record.Victim)
	require.Equal(t, penaltytypes.RECORD_STATUS_HELD.String(), record.Status.String())
	require.Equal(t, actors.DefaultBond-slashed, stakeOf(n, cheat).Bonded.Int64())
	settlePunishments(t, n)
	record = n.Audit.Punishments[0]
	require.Equal(t, slashed*3/10, record.ToVictim.Int64())
	require.Equal(t, slashed, record.ToVictim.Add(record.Burnt).Int64())
	require.Equal(t, actors.DefaultBond-slashed, stakeOf(n, cheat).Bonded.Int64())
}

// settlePunishments lets the time to appeal pass at a stroke: what was slashed is split.
func settlePunishments(t *testing.T, n *actors.Network) {
	t.Helper()
	params, err := n.App().Penalty.Params(n.Context())
	require.NoError(t, err)
	n.BlockAfter(params.AppealWindow())
	for _, record := range n.Audit.Punishments {
		require.Equal(t, penaltytypes.RECORD_STATUS_SETTLED.String(), record.Status.String())
	}
}

// earned is what a settled job's worker gets of its price: net, where that is the lowest.
func earned(n *actors.Network, id uint64) math.Int {
	return n.Job(id).Price.MulRaw(net).QuoRaw(10_000)
}

func requireFailure(t *testing.T, n *actors.Network, id uint64, reason markettypes.FailureReason) {
	t.Helper()
	require.Equal(t, reason.String(), n.Job(id).LastFailure.String())
}

// An honest worker is paid what the books say, and nobody is punished.
func TestHonestJob(t *testing.T) {
	n, customer := start(t, 1)
	operator := n.Operators[0]
	before := n.Balance(customer.Address)
	id := customer.Submit(actors.Small(t, 1), 2)
	n.RequireState(id, markettypes.JOB_STATE_ASSIGNED)
	earned := n.Balance(operator.Address)
	n.Bring(id)
	n.Settle(id)
	require.Equal(t, n.Job(id).Paid.String(), before.Sub(n.Balance(customer.Address)).String())
	require.EqualValues(t, net, n.Balance(operator.Address).Sub(earned).Int64())
	require.Empty(t, n.Audit.Punishments)
}
