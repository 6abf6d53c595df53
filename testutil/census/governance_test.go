package census

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/messages"
	daotypes "github.com/assaychain/assay/x/dao/types"
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

// TestNestedInGovernance wraps every message for execution by governance: none gets round the guardrails, whoever's it is, and
// the proposal is refused before anybody votes.
func TestNestedInGovernance(t *testing.T) {
	w := newWorld(t)
	gov := sdk.MustAccAddressFromBech32(app.Authority())
	for _, name := range w.all() {
		wrapped := authz.NewMsgExec(gov, []sdk.Msg{w.message(name, w.rightful(name))})
		requireCode(t, w.Deliver(w.Account(0), w.proposal(&wrapped)), name, daotypes.ErrProposal)
		twice := authz.NewMsgExec(gov, []sdk.Msg{&wrapped})
		requireCode(t, w.Deliver(w.Account(0), w.proposal(&twice)), name, daotypes.ErrProposal)
	}
}

// TestParametersTakeEffect puts changes of parameters to what they are already to the vote: after vote and time lock they are
// carried out, so many in a block.
func TestParametersTakeEffect(t *testing.T) {
	w := newWorld(t)
	passed := map[string]uint64{}
	for _, name := range w.all() {
		if w.class(name) == authority && messages.IsOwn(name) && w.changesParams(name) {
			passed[name] = w.Propose(w.message(name, w.rightful(name)))
			w.requireDelivered(t, name)
		}
	}
	require.NotEmpty(t, passed)
	w.BlockAfter(voting)
	w.BlockAfter(voting)
	for range passed {
		w.Block()
	}
	for name, id := range passed {
		require.True(t, w.Settled(id), name)
	}
}

// voting is longer than a vote takes, and than its time lock.
const voting = 20 * time.Second

// requireDelivered commits what is queued, all of which has to succeed.
func (w *world) requireDelivered(t *testing.T, name string) {
	t.Helper()
	for _, result := range w.Block() {
		require.Zero(t, result.Code, "%s: %s", name, result.Log)
	}
}
