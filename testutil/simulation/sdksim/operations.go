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
)

// leastProposal is the weight below which x/gov's simulation leaves a proposal out.
const leastProposal = 25

// Tally counts what became of a message.
type Tally struct{ Done, Refused, Skipped int }

// Operations are the messages that the modules offer to the simulator.
type Operations struct {
	app *app.App
	ops simulation.WeightedOperations
	// Sent has every message that is sent by an account, Proposed every one that is put to the vote.
	Sent, Proposed map[string]*Tally
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

// operation makes and delivers one message. Each has a source of randomness of its own, so that what a factory does after it
// gave up can't change the next one.
func (o *Operations) operation(factory simsx.SimMsgFactoryX) simtypes.Operation {
	return func(r *rand.Rand, base *baseapp.BaseApp, ctx sdk.Context, accounts []simtypes.Account, chainID string) (
		simtypes.OperationMsg, []simtypes.FutureOperation, error,
	) {
		url := sdk.MsgTypeURL(factory.MsgType())
		own := rand.New(rand.NewSource(r.Int63()))
		cancellable, done := context.WithCancel(ctx)
		defer done()
		config := o.app.Encoding().TxConfig
		data := simsx.NewChainDataSource(ctx, own, o.app.Account, o.app.Bank, config.SigningContext().AddressCodec(), accounts...)
		reporter := simsx.NewBasicSimulationReporter().WithScope(factory.MsgType(), simsx.SkipHookFn(func(...any) { done() }))
		future := &later{operations: o}
		if scheduling, ok := factory.(simsx.HasFutureOpsRegistry); ok {
			scheduling.SetFutureOpsRegistry(future)
		}
		from, message := simsx.SafeRunFactoryMethod(sdk.UnwrapSDKContext(cancellable), data, reporter, factory.Create())
		tally := o.Sent[url]
		if reporter.IsSkipped() {
			tally.Skipped++
		}
		result := simsx.DeliverSimsMsg(ctx, reporter, base, own, config, o.app.Account, chainID, message, func(err error) error {
			return tally.delivered(err, factory.DeliveryResultHandler())
		}, from...)
		return result, future.list, reporter.Close()
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
	return judge(err)
}

// nopLog says nothing: a failed operation is reported with its message and its seed.
var nopLog = log.NewNopLogger()
