package daemon_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/chain/chaintest"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/customer"
	testchain "github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// TestCanariesConvictLiars posts a canary that is hardly ever audited and stops. The worker that has it changes a single entry of its result:
// after a restart the canary disputes it by itself, an honest worker gets the job and is paid, and the budget is kept to the unit.
func TestCanariesConvictLiars(t *testing.T) {
	s := newStage(t, func(g *markettypes.GenesisState) {
		g.Params.DisputeSeconds, g.Params.CommitBaseSeconds, g.Params.AuditMinBps = 8, 10, 100
	})
	s.config.Faults = &config.Faults{FlipEntry: true}
	liar := s.register().Operator
	_, _ = s.start()
	s.eventually("offered", func() bool { return s.offered() == 1 })

	home, budget := t.TempDir(), sdk.NewInt64Coin("uassay", 3_000_000)
	before := s.balance("account 5")
	first := s.canaries(home, &budget)
	require.True(t, first.run.Began)
	id := first.postOne(t)
	_, err := customer.OpenCanaries(first.journal, nil)
	require.ErrorContains(t, err, "in use")
	require.NoError(t, first.run.Close())

	again := s.canaries(home, nil)
	require.False(t, again.run.Began)
	ended := make(chan error, 1)
	go func() { ended <- again.Execute(context.Background(), customer.CanaryPlan{}) }()
	s.eventually("convicted", func() bool { return s.job(id).LastFailure == markettypes.FAILURE_REASON_DISPUTE_LOST })
	other := s.beside("account 4")
	other.config.Faults = nil
	honest := other.register().Operator
	_, _ = other.start()
	require.NoError(t, <-ended)

	outcomes, open, err := again.run.Outcomes()
	require.NoError(t, err)
	require.Zero(t, open)
	rows := map[string]canary.Row{}
	for _, row := range canary.Count(outcomes) {
		rows[row.Operator] = row
	}
	require.Len(t, rows, 2)
	right, wrong := rows[honest], rows[liar]
	require.Equal(t, []int{1, 1, 0, 0}, []int{right.Canaries, right.Right, right.Wrong, right.Convicted})
	require.Equal(t, []int{1, 0, 1, 1}, []int{wrong.Canaries, wrong.Right, wrong.Wrong, wrong.Convicted})
	require.True(t, right.Spent.IsPositive() && wrong.Spent.IsZero() && wrong.Won.IsPositive(), "%v", rows)
	require.Contains(t, strings.Join(again.told, "\n"), "disputed: step 0 (23, 31)")
	require.True(t, s.bonded(liar).LT(s.bonded(honest)), "slashed")

	fees, spent, held, left := again.run.Budget.Use()
	require.Equal(t, right.Spent, spent)
	require.True(t, held.IsZero())
	require.Equal(t, budget.Amount, fees.Add(spent).Add(left))
	require.Equal(t, before.Sub(fees).Sub(spent).Add(wrong.Won), s.balance("account 5"), "the bond came back, and the run knows all that was paid")
	require.NoError(t, again.run.Finish())
	require.NoError(t, again.run.Close())
	_, err = customer.OpenCanaries(again.journal, nil)
	require.ErrorIs(t, err, customer.ErrNoRun)
}

// postOne posts a canary under the policy AUDIT and stops before the next one is drawn.
func (c *canaries) postOne(t *testing.T) uint64 {
	template, err := customer.ProductTemplate(24, 40, 32)
	require.NoError(t, err)
	random := rand.New(rand.NewChaCha8([32]byte{7}))
	served, err := customer.ServeInputs("127.0.0.1:0", c.journal.Blobs())
	require.NoError(t, err)
	t.Cleanup(func() { _ = served.Close() })
	ctx, cancel := context.WithCancel(context.Background())
	drawn := 0
	require.ErrorIs(t, c.Execute(ctx, customer.CanaryPlan{
		Count: 2, Listen: served.Address(),
		Prepare: func(context.Context) (*customer.Order, customer.Terms, error) {
			if drawn++; drawn > 1 {
				cancel()
				return nil, customer.Terms{}, ctx.Err()
			}
			order, err := template.Draw(ctx, blob.Merkle{}, random, 0)
			return order, customer.Terms{
				Samples: 2, Assurance: markettypes.ASSURANCE_REVEALED, Audit: &markettypes.AuditTerms{Bps: 100},
				MaxPrice: sdk.NewInt64Coin("uassay", 50_000), Deadline: 2 * time.Minute, Locators: []string{"http://" + served.Address()},
			}, err
		},
	}), context.Canceled)
	records, err := c.run.Records()
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.Nil(t, records[0].Canary.Outcome)
	return records[0].JobID
}

// canaries is a runner with what a test looks at.
type canaries struct {
	*customer.Canaries
	run     *customer.CanaryRun
	journal *customer.Journal
	told    []string
}

// canaries runs with the key of account 5, as 'assayd job canary' does.
func (s *stage) canaries(home string, budget *sdk.Coin) *canaries {
	encoding := s.deps.Encoding
	market, err := customer.NewMarket(client.Context{}.WithClient(s.node).WithCodec(encoding.Codec).
		WithInterfaceRegistry(encoding.Registry).WithTxConfig(encoding.TxConfig))
	require.NoError(s.t, err)
	c := &canaries{}
	c.journal, err = customer.OpenJournal(home, s.config.Chain.ID)
	require.NoError(s.t, err)
	c.run, err = customer.OpenCanaries(c.journal, budget)
	require.NoError(s.t, err)
	fees, err := s.config.Chain.Fees()
	require.NoError(s.t, err)
	fees.MaxFee.Amount = math.NewInt(200_000)
	signer, err := chain.NewSigner(chain.SignerConfig{
		ChainID: s.config.Chain.ID, Keyring: chaintest.Keyring(s.t, encoding.Codec, "canary", "account 5"), KeyName: "canary",
		TxConfig: encoding.TxConfig, Fees: fees, TimeoutBlocks: 50, Allow: c.run.Fee,
	}, market, market)
	require.NoError(s.t, err)
	c.Canaries = customer.NewCanaries(customer.CanaryConfig{
		Run: c.run, Market: market, Wallet: customer.NewWallet(signer, s.node), MaxFee: fees.MaxFee.Amount, Executor: reference{},
		Fetch:   blob.NewFetcher(blob.FetchConfig{AllowPrivate: true, Rounds: 1}).Fetch,
		ChainID: s.config.Chain.ID, Log: s.deps.Log, Poll: 200 * time.Millisecond,
		Tell: c.tell(s.t),
	})
	return c
}

// tell keeps the lines, which come from several goroutines.
func (c *canaries) tell(t *testing.T) func(string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		t.Log(line)
		c.told = append(c.told, line)
	}
}

func (s *stage) balance(account string) (amount math.Int) {
	address, err := chaintest.Keyring(s.t, s.deps.Encoding.Codec, "x", account).Key("x")
	require.NoError(s.t, err)
	of, err := address.GetAddress()
	require.NoError(s.t, err)
	s.node.Do(func(c *testchain.Chain) { amount = c.Balance(of) })
	return amount
}

func (s *stage) bonded(operator string) math.Int {
	reader, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(s.t, err)
	address, err := sdk.AccAddressFromBech32(operator)
	require.NoError(s.t, err)
	stake, err := reader.Stake(context.Background(), address)
	require.NoError(s.t, err)
	return stake.Bonded
}
