package census

import (
	"fmt"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/messages"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// world is a network in which everything exists that the messages are about.
type world struct {
	*actors.Network
	work      *actors.Work
	circuit   proofstypes.Circuit
	unbonding uint64
	known     []string
}

// owner is the operator that has the job.
func (w *world) owner() *actors.Operator { return w.Operators[0] }

// classify says whose message it is, from the field that signs it.
func (w *world) classify(name string) (class, error) {
	signers, err := messages.Signers(w.App().Encoding().InterfaceRegistry, name)
	if err != nil {
		return 0, err
	}
	if len(signers) != 1 {
		return 0, fmt.Errorf("%s is signed by %q: it must be one field", name, signers)
	}
	of, ok := roles[signers[0]]
	if !ok {
		return 0, fmt.Errorf("%s is signed by its field %s, which stands for no class: add it to the roles", name, signers[0])
	}
	return of, nil
}

func (w *world) class(name string) class { return must(w.classify(name)) }

// message makes a message that is valid but for its signer: as the table says, or from its descriptor.
func (w *world) message(name string, signer sdk.AccAddress) sdk.Msg {
	if make := special[name].make; make != nil {
		return make(w, signer.String())
	}
	message := must(messages.Fill(w.App().Encoding().InterfaceRegistry, name, signer))
	if w.changesParams(name) {
		return w.withPresentParams(name, message)
	}
	return message
}

// changesParams tells whether a message sets a module's parameters, which its query service knows.
func (w *world) changesParams(name string) bool {
	return strings.HasSuffix(name, ".MsgUpdateParams") && w.App().GRPCQueryRouter().Route(paramsQuery(name)) != nil
}

// paramsQuery is the query for the parameters that a message sets.
func paramsQuery(name string) string {
	return strings.TrimSuffix(name, "MsgUpdateParams") + "Query/Params"
}

// withPresentParams puts the parameters as they are into a message that sets them.
func (w *world) withPresentParams(name string, message sdk.Msg) sdk.Msg {
	response := must(w.App().GRPCQueryRouter().Route(paramsQuery(name))(w.Context(), &abci.RequestQuery{}))
	registry := w.App().Encoding().InterfaceRegistry
	answered := dynamicpb.NewMessage(must(messages.Descriptor(registry, strings.TrimSuffix(name, "MsgUpdateParams")+"QueryParamsResponse")))
	require.NoError(w.T(), protov2.Unmarshal(response.Value, answered))
	made := dynamicpb.NewMessage(must(messages.Descriptor(registry, name)))
	require.NoError(w.T(), protov2.Unmarshal(must(proto.Marshal(message)), made))
	into := made.Descriptor().Fields().ByName("params")
	from := answered.Descriptor().Fields().ByName(protoreflect.Name("params"))
	if into == nil || from == nil {
		return message
	}
	made.Set(into, answered.Get(from))
	return must(messages.Decode(registry, name, must(protov2.Marshal(made))))
}

// proposal puts a message to the vote.
func (w *world) proposal(message sdk.Msg) sdk.Msg {
	return must(govv1.NewMsgSubmitProposal([]sdk.Msg{message}, sdk.NewCoins(coins(10_000_000)), w.Account(0).String(), "", "test", "test", false))
}
