package simulation

import (
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/actors"
	"github.com/assaychain/assay/testutil/chain"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// shortMemory makes unbonding, jail and history short, so that their ends are simulated as well, limits of work low, and
// payments burn a share.
func shortMemory(s chain.State) error {
	if err := chain.Change(s, escrowtypes.ModuleName, func(g *escrowtypes.GenesisState) { g.Params.BurnBps = 100 }); err != nil {
		return err
	}
	if err := chain.Change(s, bondtypes.ModuleName, func(g *bondtypes.GenesisState) { g.Params.UnbondingSeconds = 600 }); err != nil {
		return err
	}
	if err := chain.Change(s, penaltytypes.ModuleName, func(g *penaltytypes.GenesisState) {
		g.Params.HistorySeconds = 1200
		for i := range g.Params.Rules {
			g.Params.Rules[i].Jail /= 60
		}
	}); err != nil {
		return err
	}
	return chain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
		g.Params.HistorySeconds = 900
		// So low that votes, which halve a value at most, soon make them tight.
		g.Params.MaxDuePerBlock, g.Params.MaxAssignmentsPerBlock, g.Params.MaxSampledPerBlock, g.Params.MaxPrunedPerBlock = 6, 6, 6, 6
	})
}

// operation is something random that somebody does.
type operation struct {
	weight int
	do     func(*World)
}

var operations = []operation{
	{6, (*World).cancel},
	{8, (*World).bond},
	{8, (*World).unbond},
	{4, (*World).cancelUnbonding},
	{6, (*World).updateOperator},
	{6, (*World).registerDevice},
	{8, (*World).updateDevice},
	{4, (*World).retireDevice},
	{10, (*World).unjail},
	{6, (*World).deposit},
	{6, (*World).withdraw},
	{3, (*World).govern},
	{4, (*World).strayRound},
	{6, (*World).send},
}

// draw queues the operations of a block.
func (w *World) draw() {
	w.t.Helper()
	for n := w.config.JobsPerBlock; n > 0; n -= 100 {
		if w.chance(min(n, 100)) {
			w.submit()
		}
	}
	total := 0
	for _, o := range operations {
		total += o.weight
	}
	for range w.r.IntN(4) {
		at := w.r.IntN(total)
		for _, o := range operations {
			if at -= o.weight; at < 0 {
				o.do(w)
				break
			}
		}
	}
}

// amount is small, round or too large.
func (w *World) amount() math.Int {
	return math.NewInt(pick(w, []int64{1, 1_000_000, 1_234_567, 50_000_000, 400_000_000, 1_000_000_000_000}))
}

func (w *World) bond() {
	o := pick(w, w.Operators)
	w.do("bond", o.Account, &bondtypes.MsgBond{Operator: o.String(), Amount: w.amount()})
}

func (w *World) unbond() {
	o := pick(w, w.Operators)
	w.do("unbond", o.Account, &bondtypes.MsgUnbond{Operator: o.String(), Amount: w.amount()})
}

func (w *World) cancelUnbonding() {
	o := pick(w, w.Operators)
	w.do("cancel unbonding", o.Account, &bondtypes.MsgCancelUnbonding{Operator: o.String(), EntryId: uint64(w.r.IntN(12))})
}

func (w *World) updateOperator() {
	o := pick(w, w.Operators)
	payout := pick(w, []string{"", o.String(), pick(w, w.Customers).String(), app.Authority()})
	w.do("update operator", o.Account, &registrytypes.MsgUpdateOperator{
		Operator: o.String(), Moniker: "renamed", Endpoint: "https://worker.example", PayoutAddress: payout,
	})
}

func (w *World) registerDevice() {
	o := pick(w, w.Operators)
	w.do("register device", o.Account, o.RegisterDevice(w.r.IntN(4)))
}

func (w *World) updateDevice() {
	o := pick(w, w.Operators)
	offer := o.Offer(w.chance(75))
	offer.Lanes, offer.Price = uint32(w.r.IntN(6)), math.NewInt(int64(w.r.IntN(300)))
	offer.Id = actors.DeviceID(w.r.IntN(operators), w.r.IntN(4))
	if w.chance(70) {
		offer.Id = o.Device
	}
	w.do("update device", o.Account, offer)
}

func (w *World) retireDevice() {
	o, index := pick(w, w.Operators), w.r.IntN(operators)
	id := actors.DeviceID(index, 1+w.r.IntN(3))
	if w.chance(70) {
		o = w.Operators[index]
	}
	w.do("retire device", o.Account, &registrytypes.MsgRetireDevice{Operator: o.String(), Id: id})
}

// unjail lets everybody who is in jail try to leave, and bring the device back.
func (w *World) unjail() {
	for _, o := range w.Operators {
		jailed, err := w.App().Penalty.IsJailed(w.Context(), o.Address)
		require.NoError(w.t, err)
		if jailed || w.chance(10) {
			w.do("unjail", o.Account, &penaltytypes.MsgUnjail{Operator: o.String()})
			w.do("return", o.Account, o.Offer(true))
		}
	}
}

func (w *World) deposit() {
	c := pick(w, w.Customers)
	w.do("deposit", c.Account, &escrowtypes.MsgDeposit{
		Depositor: c.String(), Scope: markettypes.ModuleName, Id: w.job(), Amount: sdk.NewCoin(app.BaseDenom, w.amount()),
	})
}

func (w *World) withdraw() {
	c := pick(w, w.Customers)
	w.do("withdraw", c.Account, &escrowtypes.MsgWithdraw{
		Depositor: c.String(), Scope: markettypes.ModuleName, Id: w.job(), Amount: sdk.NewCoin(app.BaseDenom, w.amount()),
	})
}

// job is the number of some job, mostly an active one.
func (w *World) job() uint64 {
	if jobs := w.active(); len(jobs) > 0 && w.chance(90) {
		return pick(w, jobs).Id
	}
	return uint64(w.r.IntN(50))
}

// strayRound posts a round that nobody waits for.
func (w *World) strayRound() {
	w.do("stray round", w.Relayer, w.RoundMsg(uint64(1+w.r.IntN(1000))))
}

// send moves coins, also to where they may not go.
func (w *World) send() {
	to := pick(w, []sdk.AccAddress{pick(w, w.Operators).Address, w.App().Account.GetModuleAddress(escrowtypes.ModuleName)})
	c := pick(w, w.Customers)
	w.do("send", c.Account, w.SendMsg(c.Account, to, w.amount()))
}

// govern puts a change of some module's parameters to the vote.
func (w *World) govern() {
	w.t.Helper()
	w.Propose(w.change())
	w.kinds = append(w.kinds, "propose", "vote")
}

// change is a change of some module's parameters, as large as the guardrails let it be or smaller.
func (w *World) change() sdk.Msg {
	w.t.Helper()
	ctx, authority := w.Context(), app.Authority()
	switch w.r.IntN(4) {
	case 0:
		params, err := w.App().Market.Params(ctx)
		require.NoError(w.t, err)
		for _, field := range []*uint32{
			&params.MaxDuePerBlock, &params.MaxAssignmentsPerBlock, &params.MaxSampledPerBlock, &params.MaxPrunedPerBlock, &params.ExposureBps,
		} {
			*field = nudged(w, *field)
		}
		params.DisputeSeconds = nudged(w, params.DisputeSeconds)
		return &markettypes.MsgUpdateParams{Authority: authority, Params: params}
	case 1:
		params, err := w.App().Bond.Params(ctx)
		require.NoError(w.t, err)
		params.UnbondingSeconds, params.MaxPayoutsPerBlock = nudged(w, params.UnbondingSeconds), nudged(w, params.MaxPayoutsPerBlock)
		return &bondtypes.MsgUpdateParams{Authority: authority, Params: params}
	case 2:
		params, err := w.App().Penalty.Params(ctx)
		require.NoError(w.t, err)
		params.VictimBps = min(5000, nudged(w, params.VictimBps))
		rule := &params.Rules[w.r.IntN(len(params.Rules))]
		rule.Jail = nudged(w, rule.Jail)
		return &penaltytypes.MsgUpdateParams{Authority: authority, Params: params}
	default:
		params, err := w.App().Proofs.Params(ctx)
		require.NoError(w.t, err)
		params.UnitsPerBlock = max(proofstypes.MinUnits, nudged(w, params.UnitsPerBlock))
		return &proofstypes.MsgUpdateParams{Authority: authority, Params: params}
	}
}

// nudged is a value at most half away from another, and at least 1; downwards more often than up, so that limits get tight.
func nudged[T ~uint32 | ~uint64 | ~int64](w *World, value T) T {
	return max(1, value-value/2+T(w.r.Int64N(int64(value/2+value/4+1))))
}
