// Package sdksim runs the SDK's simulator over the application: random messages of every module that offers some, random
// validators that miss blocks and sign twice, random proposals, and days that pass between blocks. The books of all modules are
// checked after every block. The same seed gives the same blocks on every machine.
//
// Modules are found in the application's module manager, so that one that is added is simulated without being named here.
package sdksim

import (
	"context"
	"errors"
	"maps"
	"math/rand"
	"slices"
	"time"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"
	"github.com/cosmos/cosmos-sdk/x/simulation"

	"github.com/assaychain/assay/app"
	daotypes "github.com/assaychain/assay/x/dao/types"
)

// leastProposal is the weight below which x/gov's simulation leaves a proposal out.
const leastProposal = 25

// Tally counts what became of a message.
type Tally struct{ Done, Refused, Skipped int }

// Operations are the messages that the modules offer to the simulator.
type Operations struct {
	app    *app.App
	ops    simulation.WeightedOperations
	offers []offer
	// Sent has every message that is sent by an account, Proposed every one that is put to the vote.
	Sent, Proposed map[string]*Tally
}

// offer is a message and how often it is sent.
type offer struct {
	weight  int
	factory simsx.SimMsgFactoryX
}

// operations collects the messages of all modules.
func operations(a *app.App) *Operations {
	o := &Operations{app: a, Sent: map[string]*Tally{}, Proposed: map[string]*Tally{}}
	weights := simsx.ParamWeightSource(simtypes.AppParams{})
	modules := module.NewSimulationManagerFromAppModules(a.ModuleManager.Modules, nil).Modules
	proposals := simsx.NewUniqueTypeRegistry()
	for _, m := range modules {
		if offering, ok := m.(simsx.HasProposalMsgsX); ok {
			offering.ProposalMsgsX(weights, proposals)
		}
	}
	for _, url := range slices.Sorted(maps.Keys(proposals)) {
		if proposals[url].Weight >= leastProposal {
			o.Proposed[url] = &Tally{}
		}
	}
	for _, m := range modules {
		switch offering := m.(type) {
		case simsx.HasWeightedOperationsX:
			offering.WeightedOperationsX(weights, o)
		case simsx.HasWeightedOperationsXWithProposals:
			offering.WeightedOperationsX(weights, o, proposals.Iterator(), nil)
		}
	}
	return o
}

// Add registers a message.
func (o *Operations) Add(weight uint32, factory simsx.SimMsgFactoryX) {
	if weight == 0 {
		return
	}
	if url := sdk.MsgTypeURL(factory.MsgType()); o.Sent[url] == nil {
		o.Sent[url] = &Tally{}
	}
	o.ops = append(o.ops, simulation.NewWeightedOperation(int(weight), o.operation(factory)))
	o.offers = append(o.offers, offer{int(weight), factory})
}

// later collects what is to be done at a later time.
type later struct {
	operations *Operations
	list       []simtypes.FutureOperation
}

// Add registers a message for a later block.
func (l *later) Add(at time.Time, factory simsx.SimMsgFactoryX) {
	l.list = append(l.list, simtypes.FutureOperation{BlockTime: at, Op: l.operations.operation(factory)})
}

// draw chooses a message by its weight.
func (o *Operations) draw(r *rand.Rand) simsx.SimMsgFactoryX {
	total := 0
	for _, offered := range o.offers {
		total += offered.weight
	}
	at := r.Intn(total)
	for _, offered := range o.offers {
		if at -= offered.weight; at < 0 {
			return offered.factory
		}
	}
	panic("unreachable: the weights add up to the total")
}

// make runs a factory on a state; the message is nil when there is none to send now.
func (o *Operations) make(ctx sdk.Context, r *rand.Rand, accounts []simtypes.Account, factory simsx.SimMsgFactoryX) made {
	cancellable, done := context.WithCancel(ctx)
	defer done()
	codec := o.app.Encoding().TxConfig.SigningContext().AddressCodec()
	data := simsx.NewChainDataSource(ctx, r, o.app.Account, o.app.Bank, codec, accounts...)
	m := made{reporter: simsx.NewBasicSimulationReporter().WithScope(factory.MsgType(), simsx.SkipHookFn(func(...any) { done() }))}
	future := &later{operations: o}
	if scheduling, ok := factory.(simsx.HasFutureOpsRegistry); ok {
		scheduling.SetFutureOpsRegistry(future)
	}
	m.from, m.message = simsx.SafeRunFactoryMethod(sdk.UnwrapSDKContext(cancellable), data, m.reporter, factory.Create())
	m.future = future.list
	return m
}

// made is what a factory made.
type made struct {
	from     []simsx.SimAccount
	message  sdk.Msg
	reporter simsx.SimulationReporter
	future   []simtypes.FutureOperation
}

// operation makes and delivers one message. Each has a source of randomness of its own, so that what a factory does after it
// gave up can't change the next one.
func (o *Operations) operation(factory simsx.SimMsgFactoryX) simtypes.Operation {
	return func(r *rand.Rand, base *baseapp.BaseApp, ctx sdk.Context, accounts []simtypes.Account, chainID string) (
		simtypes.OperationMsg, []simtypes.FutureOperation, error,
	) {
		own := rand.New(rand.NewSource(r.Int63()))
		m := o.make(ctx, own, accounts, factory)
		tally := o.Sent[sdk.MsgTypeURL(factory.MsgType())]
		if m.reporter.IsSkipped() {
			tally.Skipped++
		}
		result := simsx.DeliverSimsMsg(ctx, m.reporter, base, own, o.app.Encoding().TxConfig, o.app.Account, chainID, m.message, func(err error) error {
			return tally.delivered(err, factory.DeliveryResultHandler())
		}, m.from...)
		return result, m.future, m.reporter.Close()
	}
}

// delivered counts a message that was sent. Whatever its factory lets pass, a panic never does.
func (t *Tally) delivered(err error, judge simsx.SimDeliveryResultHandler) error {
	if err == nil {
		t.Done++
	} else {
		t.Refused++
	}
	if errors.Is(err, sdkerrors.ErrPanic) {
		return err
	}
	// The SDK's modules propose whatever their own checks accept.
	if errors.Is(err, daotypes.ErrGuardrail) {
		return nil
	}
	return judge(err)
}

// nopLog says nothing: a failed operation is reported with its message and its seed.
var nopLog = log.NewNopLogger()
