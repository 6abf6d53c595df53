package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/canary"
	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// canaryLong explains canaries.
const canaryLong = `Post jobs whose answers are known, and convict workers that give others.

A canary is a job like any other: the same message, the same inputs over HTTP, fetched, claimed and paid in the same way, so
that neither the chain nor a worker can tell it. Fresh inputs are drawn for each, the answer is computed on this machine before
the job is posted, and the result is compared with it. A result that is not the answer is disputed at the first entry that
differs, with a bond, by itself and in time: the worker is slashed, the bond comes back with a share of it. So are operators
that agreed on a false result, one after the other, and auditors that copied one.

The time between two canaries is drawn too, with the mean of --every. All that canaries hold and spend, fees and bonds
included, stays within --budget; the next one waits until open ones give back what they did not need. What is posted is
journalled in HOME/jobs: a command that is given again goes on with an unfinished run, of which what was posted and spent
counts, and 'assayd job canary resume' only ends what is open.

Workers know a customer by its address, and after a first conviction they may guess. Use a key that posts real jobs too, and
another one now and then.`

// jobCanary is the parent of the kinds of canary.
func jobCanary() *cobra.Command {
	cmd := &cobra.Command{
		Use: "canary", Short: "Post jobs whose answers are known, and dispute other answers", Long: canaryLong,
		Example: `assayd job canary matmul --shape 512x1024x512 --count 20 --every 30m --budget 5000000uassay --from customer --yes
assayd job canary resume --from customer`,
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(canaryNetwork(), canaryMatmul(), canaryResume())
	return cmd
}

// canaryOptions are the flags of canaries beside those of a job.
type canaryOptions struct {
	runOptions
	count  int
	every  time.Duration
	budget string
	rows   int
	// limit is what --budget says; agreed is set once the first canary was agreed to.
	limit  sdk.Coin
	agreed bool
}

func (o *canaryOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&o.count, "count", 1, "canaries in all")
	f.DurationVar(&o.every, "every", 10*time.Minute, "mean time between two; each is drawn, at most 8 times as long")
	f.StringVar(&o.budget, "budget", "", "the most that canaries hold and spend, all together, such as 5000000uassay")
	addPrivateFlag(cmd)
	o.addOrderFlags(cmd)
}

func (o *canaryOptions) complete(cmd *cobra.Command) (err error) {
	switch {
	case o.count < 1:
		return usagef("--count is %d: it must be at least 1", o.count)
	case o.every < 0:
		return usagef("--every is %s: it must not be negative", o.every)
	case o.rows < 0:
		return usagef("--rows is %d: it must not be negative", o.rows)
	case o.budget == "":
		return usagef("--budget is missing: name the most that canaries may hold and spend, such as 5000000uassay")
	}
	if o.limit, err = sdk.ParseCoinNormalized(o.budget); err != nil || !o.limit.IsPositive() {
		return usagef("--budget is %q: it must be an amount above 0, such as 5000000uassay", o.budget)
	}
	if err := o.completeOrder(cmd); err != nil {
		return err
	}
	if o.level != markettypes.ASSURANCE_SAMPLED && o.level != markettypes.ASSURANCE_REVEALED {
		return usagef("--%s is %s: entries of it can't be disputed; canaries are for sampled and revealed", flagAssurance, o.level.Word())
	}
	return nil
}

// canaryNetwork posts canaries of a network.
func canaryNetwork() *cobra.Command {
	var o canaryOptions
	var input string
	cmd := &cobra.Command{
		Use:   "network MODEL.safetensors --input IMAGES.npy --budget AMOUNT",
		Short: "Canaries of a quantised network, on inputs like those of an array",
		Long: `Canaries of a quantised network, on inputs like those of an array.

Each has --rows rows of the array, drawn without repetition in a random order. Of each row the values that lie between the
array's smallest and largest are moved a little at random, so that no two canaries are alike; backgrounds stay as they are. Give
an array with many more rows than a job has.

Of a network of several layers a false result can be disputed if its last layer is false: workers serve no others. One that lies
before is told as wrong, and samples are what convicts it.`,
		Example: `assayd job canary network digits.safetensors --input images.npy --rows 100 --count 10 --every 1h --budget 5000000uassay --from customer --yes
assayd job canary network digits.safetensors --input images.npy --policy audit --audit-bps 500 --budget 1000000uassay --from customer --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if input == "" {
				return usagef("--input is missing: name the array that inputs are drawn from (.npy)")
			}
			return o.run(cmd, func() (*customer.Template, error) { return customer.NetworkTemplate(args[0], input) })
		},
	}
	cmd.Flags().StringVar(&input, "input", "", "array that inputs are drawn from (.npy)")
	cmd.Flags().IntVar(&o.rows, "rows", 0, "rows of each canary (default as many as the array has)")
	o.addFlags(cmd)
	return cmd
}

// canaryMatmul posts canaries of a matrix product.
func canaryMatmul() *cobra.Command {
	var o canaryOptions
	var shape string
	cmd := &cobra.Command{
		Use:   "matmul [A.npy B.npy] --budget AMOUNT",
		Short: "Canaries of a matrix product, of matrices like those of two arrays or of a shape",
		Long: `Canaries of a matrix product, of matrices like those of two arrays or of a shape.

Rows of A and B are drawn in a random order and their values moved a little, as 'assayd job canary network' does with its
inputs. Without arrays --shape says the dimensions, and values are drawn evenly from all of int8.`,
		Example: `assayd job canary matmul --shape 512x1024x512 --count 20 --every 30m --budget 5000000uassay --from customer --yes
assayd job canary matmul A.npy B.npy --rows 64 --policy audit --audit-bps 500 --budget 1000000uassay --from customer --yes
assayd job canary matmul A.npy B.npy --policy replica --replicas 3 --budget 1000000uassay --from customer --yes --output json`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 2) == (shape != "") || len(args) == 1 {
				return usagef("name two arrays, A.npy and B.npy, or the dimensions with --shape")
			}
			return o.run(cmd, func() (*customer.Template, error) {
				if shape != "" {
					return shapeTemplate(shape)
				}
				return customer.MatmulTemplate(args[0], args[1])
			})
		},
	}
	cmd.Flags().StringVar(&shape, "shape", "", "dimensions MxKxN of A [M, K] and B [K, N], such as 512x1024x512")
	cmd.Flags().IntVar(&o.rows, "rows", 0, "rows of A that each canary has (default as many as the array has)")
	o.addFlags(cmd)
	return cmd
}

// shapeTemplate reads dimensions such as 512x1024x512.
func shapeTemplate(shape string) (*customer.Template, error) {
	var m, k, n int
	// A line's end is what nothing may follow.
	if _, err := fmt.Sscanf(strings.ToLower(shape)+"\n", "%dx%dx%d\n", &m, &k, &n); err != nil {
		return nil, usagef("--shape is %q: it must be MxKxN, each at least 1, such as 512x1024x512", shape)
	}
	template, err := customer.ProductTemplate(m, k, n)
	return template, jobError(err)
}

// run posts canaries of a template.
func (o *canaryOptions) run(cmd *cobra.Command, load func() (*customer.Template, error)) error {
	if err := o.complete(cmd); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	template, err := load()
	if err != nil {
		return jobError(err)
	}
	random, err := canary.Source()
	if err != nil {
		return err
	}
	c, err := openCanaries(ctx, cmd, &o.limit)
	if err != nil {
		return jobError(err)
	}
	defer c.close()
	served, err := c.serve(o)
	if err != nil {
		return err
	}
	return c.execute(ctx, customer.CanaryPlan{
		Count: o.count, Every: o.every, Listen: served.listen,
		Prepare: func(ctx context.Context) (*customer.Order, customer.Terms, error) {
			order, err := template.Draw(ctx, blob.Merkle{}, random, o.rows)
			if err != nil {
				return nil, customer.Terms{}, err
			}
			terms, err := o.next(ctx, cmd, c.session, order)
			terms.Locators = served.locators
			return order, terms, err
		},
	})
}

// next agrees to the first canary as to any job; later ones are posted as it was.
func (o *canaryOptions) next(ctx context.Context, cmd *cobra.Command, s *jobSession, order *customer.Order) (customer.Terms, error) {
	o.fitSamples(cmd, order)
	if o.agreed {
		terms, _, err := o.offer(ctx, s, order)
		return terms, err
	}
	terms, err := o.agree(ctx, cmd, s, order)
	o.agreed = err == nil
	return terms, err
}

// canaryResume goes on with what is open.
func canaryResume() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Follow open canaries of an unfinished run to their end, and post no more",
		Long: `Follow open canaries of an unfinished run to their end, and post no more.

Their inputs are served again where they were served before, results are compared with the answers that were journalled, and
disputed if they differ. The run is finished then: the next command begins another one, with a budget of its own.`,
		Example: "assayd job canary resume --from customer\nassayd job canary resume --from customer --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := isJSON(cmd); err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			c, err := openCanaries(ctx, cmd, nil)
			if err != nil {
				return jobError(err)
			}
			defer c.close()
			if _, err := c.serveAgain(); err != nil {
				return err
			}
			return c.execute(ctx, customer.CanaryPlan{})
		},
	}
	addPrivateFlag(cmd)
	addSenderFlags(cmd)
	return cmd
}
