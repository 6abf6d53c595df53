// Package census knows every message of the application, the SDK's included, and whose it is. Classes come from the
// descriptors of the schemas: a message whose signing field nobody gave a meaning fails the tests until somebody has.
package census

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/testutil/messages"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// interval between blocks: so short that no deadline passes while every message has its blocks.
const interval = 10 * time.Millisecond

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		Network: actors.New(t, actors.Config{Operators: 1, Customers: 2, Chain: chain.Config{Interval: interval}}), work: actors.Small(t, 1), circuit: actors.Circuits(t)[0],
	}
	require.EqualValues(t, job, w.Customers[0].Submit(w.work, 1))
	w.RequireState(job, markettypes.JOB_STATE_ASSIGNED)
	owner := w.owner()
	w.MustDeliver(owner.Account, w.message("/assay.registry.v1.MsgCreatePool", owner.Address))
	result := w.MustDeliver(owner.Account, &bondtypes.MsgUnbond{Operator: owner.String(), Amount: math.NewInt(1_000_000)})
	var data sdk.TxMsgData
	require.NoError(t, proto.Unmarshal(result.Data, &data))
	var response bondtypes.MsgUnbondResponse
	require.NoError(t, proto.Unmarshal(data.MsgResponses[0].Value, &response))
	w.unbonding = response.EntryId
	return w
}

// TestEveryMessageIsClassified: every message that the application's codec knows has one signing field, which stands for one
// class, a handler, and a form that passes its own checks.
func TestEveryMessageIsClassified(t *testing.T) {
	w := newWorld(t)
	count := map[class]int{}
	for _, name := range w.all() {
		of, err := w.classify(name)
		if !assert.NoError(t, err) {
			continue
		}
		count[of]++
		message := w.message(name, w.Customers[0].Address)
		assert.NotNil(t, w.App().MsgServiceRouter().Handler(message), "%s has no handler", name)
		if checked, ok := message.(sdk.HasValidateBasic); ok {
			assert.NoError(t, checked.ValidateBasic(), "%s: describe a valid one in the table", name)
		}
	}
	for name := range special {
		require.Contains(t, w.all(), name, "the table has a message that the application doesn't know")
	}
	t.Logf("%d messages: %v", len(w.all()), count)
}

// ways are the ways in which an account's message can come to its module.
func ways(from *chain.Account, message sdk.Msg) map[string]sdk.Msg {
	once := authz.NewMsgExec(from.Address, []sdk.Msg{message})
	twice := authz.NewMsgExec(from.Address, []sdk.Msg{&once})
	return map[string]sdk.Msg{"plain": message, "exec": &once, "exec in exec": &twice}
}

// requireVerdict sends a message plain, in authz and nested twice, and requires the same refusal each time.
func requireVerdict(t *testing.T, w *world, from *chain.Account, name string, message sdk.Msg, reasons ...error) {
	t.Helper()
	var first *abci.ExecTxResult
	for way, wrapped := range ways(from, message) {
		result := w.Deliver(from, wrapped)
		requireCode(t, result, name+" "+way, reasons...)
		if first == nil {
			first = result
		}
		require.Equal(t, first.Codespace, result.Codespace, "%s %s", name, way)
		require.Equal(t, first.Code, result.Code, "%s %s", name, way)
	}
}

// TestWrongSigner sends every message in another's name: plain, and wrapped once and twice for execution under a grant that was
// never given. None gets as far as its module.
func TestWrongSigner(t *testing.T) {
	w := newWorld(t)
	attacker := w.Customers[1].Account
	for _, name := range w.all() {
		message := w.message(name, w.rightful(name))
		for way, wrapped := range ways(attacker, message) {
			if way == "plain" {
				requireCode(t, w.Deliver(attacker, wrapped), name, sdkerrors.ErrInvalidPubKey, sdkerrors.ErrUnauthorized)
				continue
			}
			requireCode(t, w.Deliver(attacker, wrapped), name+" "+way, authz.ErrNoAuthorizationFound)
		}
	}
	w.RequireState(job, markettypes.JOB_STATE_ASSIGNED)
}

// TestWrongAuthority sends every message of governance in a user's own name, however wrapped.
func TestWrongAuthority(t *testing.T) {
	w := newWorld(t)
	attacker, checked := w.Customers[1].Account, 0
	for _, name := range w.all() {
		if w.class(name) != authority {
			continue
		}
		requireVerdict(t, w, attacker, name, w.message(name, attacker.Address), sdkerrors.ErrUnauthorized, govtypes.ErrInvalidSigner)
		checked++
	}
	require.GreaterOrEqual(t, checked, 20)
}

// TestStranger sends every message about something that belongs to somebody in a stranger's own name, however wrapped.
func TestStranger(t *testing.T) {
	w := newWorld(t)
	stranger, checked := w.Customers[1].Account, 0
	for _, name := range w.all() {
		entry := special[name]
		if of := w.class(name); of == customer || of == worker {
			require.True(t, entry.own || len(entry.reasons) > 0, "%s: say what a stranger is told", name)
		}
		if len(entry.reasons) == 0 {
			continue
		}
		requireVerdict(t, w, stranger, name, w.message(name, stranger.Address), entry.reasons...)
		checked++
	}
	require.GreaterOrEqual(t, checked, 14)
	w.RequireState(job, markettypes.JOB_STATE_ASSIGNED)
}

// TestGrantedKeyActsForItsGranter is the other side: with a grant the same message passes, and only that message.
func TestGrantedKeyActsForItsGranter(t *testing.T) {
	w := newWorld(t)
	owner, hot := w.owner(), w.Customers[1]
	commit := w.message("/assay.market.v1.MsgCommitResult", owner.Address)
	until := w.Now().Add(grantTime)
	grant, err := authz.NewMsgGrant(owner.Address, hot.Address, authz.NewGenericAuthorization(sdk.MsgTypeURL(commit)), &until)
	require.NoError(t, err)
	w.MustDeliver(owner.Account, grant)
	for _, name := range w.all() {
		if of := w.class(name); of == authority || of == customer || name == sdk.MsgTypeURL(commit) {
			continue
		}
		wrapped := authz.NewMsgExec(hot.Address, []sdk.Msg{w.message(name, owner.Address)})
		requireCode(t, w.Deliver(hot.Account, &wrapped), name, authz.ErrNoAuthorizationFound)
	}
	wrapped := authz.NewMsgExec(hot.Address, []sdk.Msg{commit})
	w.MustDeliver(hot.Account, &wrapped)
	w.RequireState(job, markettypes.JOB_STATE_COMMITTED)
}

// all lists the messages of the application, by name.
func (w *world) all() []string {
	if w.known == nil {
		w.known = messages.All(w.App().Encoding().InterfaceRegistry)
	}
	return w.known
}

// rightful is who may send a message: governance, or who has what it is about.
func (w *world) rightful(name string) sdk.AccAddress {
	switch w.class(name) {
	case authority:
		return sdk.MustAccAddressFromBech32(app.Authority())
	case customer:
		return w.Customers[0].Address
	default:
		return w.owner().Address
	}
}

// requireCode requires that a transaction failed with one of some registered errors.
func requireCode(t *testing.T, result *abci.ExecTxResult, name string, reasons ...error) {
	t.Helper()
	type registered interface {
		Codespace() string
		ABCICode() uint32
	}
	for _, reason := range reasons {
		want := reason.(registered)
		if result.Code == want.ABCICode() && result.Codespace == want.Codespace() {
			return
		}
	}
	require.Fail(t, "another verdict", "%s: %s/%d %s", name, result.Codespace, result.Code, result.Log)
}
