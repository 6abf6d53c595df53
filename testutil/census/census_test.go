// Package census knows every message of this project's modules and whose it is. A message that is not in the table fails
// the tests until somebody has said who may send it.
package census

import (
	"slices"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		Network: actors.New(t, actors.Config{Operators: 1, Customers: 2}), work: actors.Small(t, 1), circuit: actors.Circuits(t)[0],
	}
	require.EqualValues(t, job, w.Customers[0].Submit(w.work, 1))
	w.RequireState(job, markettypes.JOB_STATE_ASSIGNED)
	owner := w.owner()
	result := w.MustDeliver(owner.Account, &bondtypes.MsgUnbond{Operator: owner.String(), Amount: math.NewInt(1_000_000)})
	var data sdk.TxMsgData
	require.NoError(t, proto.Unmarshal(result.Data, &data))
	var response bondtypes.MsgUnbondResponse
	require.NoError(t, proto.Unmarshal(data.MsgResponses[0].Value, &response))
	w.unbonding = response.EntryId
	return w
}

// names lists the census in a fixed order.
func names() []string {
	var list []string
	for name := range census {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// TestEveryMessageIsClassified compares the table with the messages that the application's codec knows, and the field that
// signs with the class, by the descriptors of the schemas.
func TestEveryMessageIsClassified(t *testing.T) {
	w := newWorld(t)
	registry := w.App().Encoding().InterfaceRegistry
	for _, name := range registry.ListImplementations(sdk.MsgInterfaceProtoName) {
		if strings.HasPrefix(name, "/assay.") {
			require.Contains(t, census, name, "a message that nobody classified")
		}
	}
	for _, name := range names() {
		_, err := registry.Resolve(name)
		require.NoError(t, err, "the census has a message that the application doesn't know")
		descriptor, err := registry.FindDescriptorByName(protoreflect.FullName(strings.TrimPrefix(name, "/")))
		require.NoError(t, err)
		signers := protov2.GetExtension(descriptor.Options(), msgv1.E_Signer).([]string)
		require.Len(t, signers, 1, name)
		want := map[class]string{customer: "customer", worker: "worker", authority: "authority"}[census[name].class]
		if want != "" {
			require.Equal(t, want, signers[0], name)
		} else {
			require.NotContains(t, []string{"worker", "authority"}, signers[0], name)
		}
	}
}

// TestWrongSigner sends every message in another's name: plain, and wrapped for execution under a grant that was never
// given. None gets as far as its module.
func TestWrongSigner(t *testing.T) {
	w := newWorld(t)
	attacker := w.Customers[1]
	for _, name := range names() {
		victim := w.owner().String()
		switch census[name].class {
		case authority:
			victim = app.Authority()
		case customer:
			victim = w.Customers[0].String()
		}
		message := census[name].make(w, victim)
		requireCode(t, w.Deliver(attacker.Account, message), name, sdkerrors.ErrInvalidPubKey, sdkerrors.ErrUnauthorized)
		wrapped := authz.NewMsgExec(attacker.Address, []sdk.Msg{message})
		requireCode(t, w.Deliver(attacker.Account, &wrapped), name, authz.ErrNoAuthorizationFound)
	}
	w.RequireState(job, markettypes.JOB_STATE_ASSIGNED)
}

// TestWrongAuthority sends every message of governance in a user's own name, plain and wrapped.
func TestWrongAuthority(t *testing.T) {
	w := newWorld(t)
	attacker := w.Customers[1]
	for _, name := range names() {
		if census[name].class != authority {
			continue
		}
		message := census[name].make(w, attacker.String())
		requireCode(t, w.Deliver(attacker.Account, message), name, sdkerrors.ErrUnauthorized)
		wrapped := authz.NewMsgExec(attacker.Address, []sdk.Msg{message})
		requireCode(t, w.Deliver(attacker.Account, &wrapped), name, sdkerrors.ErrUnauthorized)
	}
}

// TestStranger sends every message about something that belongs to somebody in a stranger's own name, plain and wrapped.
func TestStranger(t *testing.T) {
	w := newWorld(t)
	stranger := w.Customers[1]
	checked := 0
	for _, name := range names() {
		entry := census[name]
		if entry.class == customer || entry.class == worker {
			require.NotNil(t, entry.stranger, "%s: say what a stranger is told", name)
		}
		if entry.stranger == nil {
			continue
		}
		message := entry.make(w, stranger.String())
		requireCode(t, w.Deliver(stranger.Account, message), name, entry.stranger)
		wrapped := authz.NewMsgExec(stranger.Address, []sdk.Msg{message})
		requireCode(t, w.Deliver(stranger.Account, &wrapped), name, entry.stranger)
		checked++
	}
	require.GreaterOrEqual(t, checked, 14)
	w.RequireState(job, markettypes.JOB_STATE_ASSIGNED)
}

// TestGrantedKeyActsForItsGranter is the other side: with a grant the same message passes, and only that message.
func TestGrantedKeyActsForItsGranter(t *testing.T) {
	w := newWorld(t)
	owner, hot := w.owner(), w.Customers[1]
	commit := census["/assay.market.v1.MsgCommitResult"].make(w, owner.String())
	until := w.Now().Add(grantTime)
	grant, err := authz.NewMsgGrant(owner.Address, hot.Address, authz.NewGenericAuthorization(sdk.MsgTypeURL(commit)), &until)
	require.NoError(t, err)
	w.MustDeliver(owner.Account, grant)
	for _, name := range names() {
		entry := census[name]
		if entry.class == authority || entry.class == customer || name == sdk.MsgTypeURL(commit) {
			continue
		}
		wrapped := authz.NewMsgExec(hot.Address, []sdk.Msg{entry.make(w, owner.String())})
		requireCode(t, w.Deliver(hot.Account, &wrapped), name, authz.ErrNoAuthorizationFound)
	}
	wrapped := authz.NewMsgExec(hot.Address, []sdk.Msg{commit})
	w.MustDeliver(hot.Account, &wrapped)
	w.RequireState(job, markettypes.JOB_STATE_COMMITTED)
}

// TestInsideGovernance puts every message into a proposal: governance carries out what is its own and speaks for nobody else.
func TestInsideGovernance(t *testing.T) {
	w := newWorld(t)
	validator := w.Account(0)
	for _, name := range names() {
		signer, want := w.owner().String(), error(govtypes.ErrInvalidSigner)
		if census[name].class == authority {
			signer, want = app.Authority(), nil
		}
		proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{census[name].make(w, signer)}, sdk.NewCoins(coins(10_000_000)),
			validator.String(), "", "test", "test", false)
		require.NoError(t, err)
		result := w.Deliver(validator, proposal)
		if want == nil {
			require.Zero(t, result.Code, "%s: %s", name, result.Log)
			continue
		}
		requireCode(t, result, name, want)
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
