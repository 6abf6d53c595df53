package adversary

import (
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	"github.com/assaychain/assay/x/proofs/simulation"
)

// entering asks the mempool for a place, and names the refusal.
func entering(t *testing.T, n *actors.Network, from *chain.Account, messages ...sdk.Msg) string {
	t.Helper()
	response, err := n.App().CheckTx(&abci.RequestCheckTx{Tx: n.Sign(from, messages...), Type: abci.CheckTxType_New})
	require.NoError(t, err)
	if response.Code == 0 {
		return ""
	}
	return fmt.Sprintf("%s/%d", response.Codespace, response.Code)
}

func codeOf(err interface {
	Codespace() string
	ABCICode() uint32
}) string {
	return fmt.Sprintf("%s/%d", err.Codespace(), err.ABCICode())
}

// The mempool takes answers of those who have the job, and of those whom they granted it, in time and once; whatever else is said in
// somebody's name costs a node one look.
func TestTheMempoolTakesOnlyAnswersThatMayCount(t *testing.T) {
	n, customer := start(t, 2)
	id := customer.Submit(actors.Small(t, 1), 1)
	worker := n.Worker(id)
	early := worker.Answer(id, worker.Trace(id).Roots(), [][]byte{simulation.Proof()})
	require.NotEmpty(t, entering(t, n, worker.Account, early), "not sampled yet")
	n.Block()
	worker.Commit(id)
	n.Sample(id)
	answer := worker.ProveMsg(id, worker.Trace(id))
	own := *answer
	own.Worker = customer.String()
	require.Equal(t, codeOf(markettypes.ErrNotWorker), entering(t, n, customer.Account, &own))
	exec := authz.NewMsgExec(customer.Address, []sdk.Msg{answer})
	require.Equal(t, codeOf(markettypes.ErrNotWorker), entering(t, n, customer.Account, &exec), "nothing was granted")
	nested := authz.NewMsgExec(customer.Address, []sdk.Msg{&exec})
	require.Equal(t, codeOf(markettypes.ErrNotWorker), entering(t, n, customer.Account, &nested))
	deep := nested
	for range 4 { // A block looks as deep as it must; it would carry out an exec of one's own without any grant.
		inner := deep
		deep = authz.NewMsgExec(customer.Address, []sdk.Msg{&inner})
	}
	require.Equal(t, codeOf(sdkerrors.ErrInvalidRequest), entering(t, n, customer.Account, &deep))
	unknown := *answer
	unknown.JobId = 99
	require.Equal(t, codeOf(markettypes.ErrNotFound), entering(t, n, worker.Account, &unknown))
	n.Block()

	expires := n.Now().Add(time.Hour)
	grant, err := authz.NewMsgGrant(worker.Address, customer.Address, authz.NewGenericAuthorization(sdk.MsgTypeURL(answer)), &expires)
	require.NoError(t, err)
	n.MustDeliver(worker.Account, grant)
	require.Empty(t, entering(t, n, customer.Account, &exec), "granted")
	require.Empty(t, entering(t, n, worker.Account, answer), "its own")
	n.Block()
	n.MustDeliver(customer.Account, &exec)
	n.RequireState(id, markettypes.JOB_STATE_PROVEN)
	require.Equal(t, codeOf(markettypes.ErrAlreadyProven), entering(t, n, worker.Account, answer))
	n.Block()
	n.Settle(id)
}

// Several jobs are proven in one transaction: all of the answers are taken or none, and each job has its own verdict.
func TestSeveralAnswersInOneTransaction(t *testing.T) {
	n, customer := start(t, 1)
	var ids []uint64
	for range 3 {
		ids = append(ids, customer.Submit(actors.Small(t, 1), 1))
	}
	worker := n.Operators[0]
	for _, id := range ids {
		worker.Commit(id)
	}
	for _, id := range ids {
		n.Sample(id)
	}
	var answers []sdk.Msg
	for _, id := range ids {
		answers = append(answers, worker.ProveMsg(id, worker.Trace(id)))
	}
	malformed := *answers[2].(*markettypes.MsgProveResult)
	malformed.Proofs = [][]byte{malformed.Proofs[0][1:]}
	n.Refused(markettypes.ErrProofs, worker.Account, answers[0], answers[1], &malformed)
	for _, id := range ids {
		n.RequireState(id, markettypes.JOB_STATE_SAMPLED)
	}
	malformed.Proofs = [][]byte{simulation.Proof()}
	n.MustDeliver(worker.Account, answers[0], &malformed, answers[1])
	n.RequireState(ids[0], markettypes.JOB_STATE_PROVEN)
	n.RequireState(ids[1], markettypes.JOB_STATE_PROVEN)
	require.Equal(t, markettypes.FAILURE_REASON_PROOF_INVALID, n.Job(ids[2]).LastFailure)
	require.Len(t, n.Audit.Punishments, 1)
	require.Equal(t, penaltytypes.OFFENCE_WRONG_RESULT, n.Audit.Punishments[0].Offence)
}
