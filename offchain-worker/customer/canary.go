package customer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/watch"
	"github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/market/lifecycle"
	"github.com/assaychain/assay/x/market/relays"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// CanaryConfig is what canaries work with; every field but Poll is required.
type CanaryConfig struct {
	Run    *CanaryRun
	Market *Market
	// Wallet pays. Its signer asks Run.Fee about each fee; MaxFee is the most that one may be.
	Wallet   *Wallet
	MaxFee   math.Int
	Executor watch.Executor
	Fetch    Fetch
	FetchBox FetchBox
	ChainID  string
	Log      *slog.Logger
	// Tell hears of each thing that happens.
	Tell func(line string)
	// Poll is the time between two looks at a job; by default a follower's, so that a worker sees the result fetched as soon as any.
	Poll time.Duration
}

// Canaries posts jobs whose answers it knows, as any customer posts jobs, follows them to their end, and disputes what is not the answer.
type Canaries struct {
	config CanaryConfig
	// posting keeps one canary's inputs from being forgotten while another one that has the same is being posted.
	posting sync.Mutex
	flights sync.WaitGroup
	// failed ends everything: without a journal nothing may be sent.
	failed context.CancelCauseFunc
	// ended hears of each canary that is over.
	ended chan struct{}
}

// NewCanaries makes the runner of a run.
func NewCanaries(config CanaryConfig) *Canaries {
	if config.Poll <= 0 {
		config.Poll = defaultPoll
	}
	return &Canaries{config: config, ended: make(chan struct{}, 1)}
}

// CanaryPlan says what is posted. Of a run that goes on, what was posted before counts.
type CanaryPlan struct {
	// Count is how many canaries are posted in all; 0 for none, only to go on with those that are open.
	Count int
	// Every is the mean time between two.
	Every time.Duration
	// Prepare draws one, and says under which terms it is posted.
	Prepare func(ctx context.Context) (*Order, Terms, error)
	// Listen is the address at which the inputs are served.
	Listen string
}

// maxRefusals is how many canaries in a row may fail to be posted.
const maxRefusals = 3

// busyPause is how long it waits when no device would take a canary at the present price.
const busyPause = 5 * time.Second

// Execute goes on with open canaries, posts what the plan says, and returns when all are over or the context ends. What is open then is gone on with
// by the next run in this home. The error wraps canary.ErrBudget when the budget was used up before the plan was done.
func (c *Canaries) Execute(ctx context.Context, plan CanaryPlan) error {
	ctx, c.failed = context.WithCancelCause(ctx)
	defer c.failed(nil)
	records, err := c.config.Run.Records()
	if err != nil {
		return err
	}
	for _, record := range records {
		if record.Canary.Outcome == nil {
			c.start(ctx, record, nil)
		}
	}
	err = c.postAll(ctx, plan, len(records))
	c.flights.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// postAll posts what is left of a plan.
func (c *Canaries) postAll(ctx context.Context, plan CanaryPlan, posted int) error {
	random, err := canary.Source()
	if err != nil {
		return err
	}
	refusals, waits := 0, 0
	for first := posted == 0; posted < plan.Count; first = false {
		if !first && waits == 0 {
			if err := pause(ctx, canary.Delay(random, plan.Every)); err != nil {
				return err
			}
		}
		switch err := c.postFitting(ctx, plan); {
		case err == nil:
			posted, refusals, waits = posted+1, 0, 0
		case errors.Is(err, ErrNoDevice) && posted > 0:
			// All are busy, perhaps with canaries.
			if refusals = 0; waits == 0 {
				c.config.Tell(err.Error())
			}
			waits++
			if err := pause(ctx, busyPause); err != nil {
				return err
			}
			continue
		case ctx.Err() != nil || errors.Is(err, canary.ErrBudget) || !errors.Is(err, chain.ErrRefused):
			return err
		default:
			if refusals++; refusals == maxRefusals {
				return err
			}
			c.config.Tell(fmt.Sprintf("not posted: %s", err))
		}
	}
	return nil
}

// postFitting posts a canary as soon as the budget allows it: what open ones don't use comes back.
func (c *Canaries) postFitting(ctx context.Context, plan CanaryPlan) error {
	order, terms, err := plan.Prepare(ctx)
	if err != nil {
		return err
	}
	for told := false; ; told = true {
		open := c.config.Run.Budget.Open()
		err := c.post(ctx, order, terms, plan.Listen)
		if !errors.Is(err, canary.ErrBudget) || open == 0 {
			return err
		}
		if !told {
			c.config.Tell(fmt.Sprintf("waits for open canaries: %s", err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
		}
	}
}

// post computes the answer of an order, journals both, and submits the job as any other.
func (c *Canaries) post(ctx context.Context, order *Order, terms Terms, listen string) error {
	answer, err := c.answer(ctx, order)
	if err != nil {
		return err
	}
	record, err := NewRecord(c.config.ChainID, c.config.Wallet.Address().String())
	if err != nil {
		return err
	}
	record.Listen = listen
	record.Canary = &Canary{Run: c.config.Run.ID, Summary: order.Summary}
	if err := c.bound(ctx, order, terms, record.Canary); err != nil {
		return err
	}
	for _, root := range answer.Roots {
		record.Canary.Answer = append(record.Canary.Answer, hex.EncodeToString(root))
	}
	budget := c.config.Run.Budget
	if err := budget.Hold(keyOf(record), record.Canary.Hold, c.spare(budget.Open()+1)); err != nil {
		return err
	}
	c.posting.Lock()
	defer c.posting.Unlock()
	err = Submit(ctx, order, terms, record, Submission{Wallet: c.config.Wallet, Journal: c.config.Run.journal, Clock: c.config.Market})
	if err != nil && (record.TxHash == "" || errors.Is(err, chain.ErrRefused)) {
		budget.Settle(keyOf(record), math.ZeroInt())
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.start(ctx, record, answer)
	return nil
}

// answer computes an order.
func (c *Canaries) answer(ctx context.Context, order *Order) (*canary.Answer, error) {
	inputs, err := order.Tensors()
	if err != nil {
		return nil, err
	}
	outputs, err := c.config.Executor.Execute(ctx, order.Program, inputs)
	if err != nil {
		return nil, fmt.Errorf("compute the answer: %w", err)
	}
	answer := &canary.Answer{Outputs: outputs}
	for _, output := range outputs {
		root, err := blob.Commit(output)
		if err != nil {
			return nil, fmt.Errorf("compute the answer: %w", err)
		}
		answer.Roots = append(answer.Roots, root[:])
	}
	return answer, nil
}

// bound says what a canary may cost without fees: its price, the claims of a result that does not arrive, and the bond of a dispute.
func (c *Canaries) bound(ctx context.Context, order *Order, terms Terms, of *Canary) error {
	params, err := c.config.Market.MarketParams(ctx)
	if err != nil {
		return err
	}
	if terms.MaxPrice.Denom != c.config.Run.Denom {
		return fmt.Errorf("%w: the budget is in %s, prices are in %s", ErrOrder, c.config.Run.Denom, terms.MaxPrice.Denom)
	}
	claims, err := claimFees(params, order)
	if err != nil {
		return err
	}
	of.Base = terms.MaxPrice.Amount.Add(claims)
	of.Hold = of.Base.Add(lifecycle.Bond(1, terms.MaxPrice.Amount, lifecycle.BondTerms{Min: params.MinDisputeBond, PriceBps: params.DisputeBondBps}))
	return nil
}

// claimFees is the most that a customer locks to claim a result: a fee, or what relays get, twice, where it may be too large for a transaction.
func claimFees(params markettypes.Params, order *Order) (math.Int, error) {
	result, err := order.Program.Result()
	if err != nil {
		return math.Int{}, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	if delivery.SealedSize(result) <= uint64(params.MaxSealedBytes) {
		return params.ClaimFee, nil
	}
	layout, err := box.LayoutOf(result)
	if err != nil {
		return math.Int{}, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	each := relays.FeeOf(params.ClaimFee, params.RelayMibFee, layout.Bytes())
	return each.MulRaw(int64(params.RelaysPerClaim) * relays.MaxClaims), nil
}

// feesEach is how many transactions a canary takes at most as a rule: it is submitted, claimed, contested, disputed.
const feesEach = 4

// spare is what is left for the fees of open canaries.
func (c *Canaries) spare(open int) math.Int { return c.config.MaxFee.MulRaw(int64(feesEach * open)) }

// coin is an amount of the budget's unit.
func (c *Canaries) coin(amount math.Int) sdk.Coin { return sdk.NewCoin(c.config.Run.Denom, amount) }
