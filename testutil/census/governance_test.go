package census

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/messages"
)

// submission is what the submission of a proposal with a message says: governance takes what is its own.
func submission(of class) []error {
	if of == authority {
		return nil
	}
	return []error{govtypes.ErrInvalidSigner}
}

// TestInsideGovernance puts every message into a proposal: governance takes what is its own and speaks for nobody else.
func TestInsideGovernance(t *testing.T) {
	w := newWorld(t)
	validator := w.Account(0)
	for _, name := range w.all() {
		proposal := w.proposal(w.message(name, w.rightful(name)))
		result := w.Deliver(validator, proposal)
		want := append(submission(w.class(name)), special[name].submission...)
		if len(want) == 0 {
			require.Zero(t, result.Code, "%s: %s", name, result.Log)
			continue
		}
		requireCode(t, result, name, want...)
	}
}

// TestNestedInGovernance wraps every message for execution by governance. What is somebody else's is refused when the vote has
// passed, as it is outside of governance; changes of parameters to what they are already are carried out, plain and wrapped.
func TestNestedInGovernance(t *testing.T) {
	w := newWorld(t)
	gov := sdk.MustAccAddressFromBech32(app.Authority())
	refused, passed := map[string]uint64{}, map[string]uint64{}
	for _, name := range w.all() {
		of := w.class(name)
		message := w.message(name, w.rightful(name))
		wrapped := authz.NewMsgExec(gov, []sdk.Msg{message})
		switch {
		case of != authority:
			refused[name] = w.Propose(&wrapped)
		case messages.IsOwn(name) && w.changesParams(name):
			passed[name+" plain"] = w.Propose(message)
			w.requireDelivered(t, name)
			passed[name+" wrapped"] = w.Propose(&wrapped)
		default:
			continue
		}
		w.requireDelivered(t, name)
	}
	require.NotEmpty(t, passed)
	w.BlockAfter(voting)
	w.Block()
	for name, id := range refused {
		proposal, err := w.App().Gov.Proposals.Get(w.Context(), id)
		require.NoError(t, err)
		require.Equal(t, govv1.StatusFailed.String(), proposal.Status.String(), name)
		require.Contains(t, proposal.FailedReason, authz.ErrNoAuthorizationFound.Error(), name)
	}
	for name, id := range passed {
		proposal, err := w.App().Gov.Proposals.Get(w.Context(), id)
		require.NoError(t, err)
		require.Equal(t, govv1.StatusPassed.String(), proposal.Status.String(), "%s: %s", name, proposal.FailedReason)
	}
}

// voting is longer than a vote takes.
const voting = 20 * time.Second

// requireDelivered commits what is queued, all of which has to succeed.
func (w *world) requireDelivered(t *testing.T, name string) {
	t.Helper()
	for _, result := range w.Block() {
		require.Zero(t, result.Code, "%s: %s", name, result.Log)
	}
}
