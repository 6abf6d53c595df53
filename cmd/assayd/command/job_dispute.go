package command

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// disputeOptions are the flags of a dispute.
type disputeOptions struct {
	entry markettypes.Entry
	bond  string
	yes   bool
}

// jobDispute names a wrong entry of a proven result.
func jobDispute() *cobra.Command {
	var o disputeOptions
	cmd := &cobra.Command{
		Use:   "dispute ID",
		Short: "Name a wrong entry of a proven result, with a bond",
		Long: `Name a wrong entry of a proven result, with a bond.

Anybody who recomputed a result may do this while the job waits for its settlement. The worker must prove exactly the named
entry in time. If it can't, it is slashed, the bond comes back with a reporter's share of what was slashed, and the job goes
to another worker. If it can, the bond is lost: half of it to the worker, unless governance chose otherwise.

A dispute is worth its bond only if the entry was recomputed from the committed inputs and compared with the worker's
result: roots that differ don't show which entry does. 'assay-worker watch' does all of this by itself.`,
		Example: `assayd job dispute 7 --step 0 --row 3 --col 5 --from watcher
assayd job dispute 7 --row 3 --col 5 --bond 50000uassay --from watcher --output json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeJobID,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd)
			defer stop()
			id, err := parseJobID(args[0])
			if err != nil {
				return err
			}
			return jobError(dispute(ctx, cmd, id, o))
		},
	}
	f := cmd.Flags()
	f.Uint32Var(&o.entry.Step, "step", 0, "step of the program, counted from 0")
	f.Uint32Var(&o.entry.Row, "row", 0, "row of the step's output, counted from 0")
	f.Uint32Var(&o.entry.Col, "col", 0, "column of the step's output, counted from 0")
	f.StringVar(&o.bond, "bond", "", "the most that may be locked (default what the chain asks for now, after a question)")
	f.BoolVarP(&o.yes, "yes", "y", false, "lock what the chain asks for without a question")
	addSenderFlags(cmd)
	for _, name := range []string{"row", "col"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // The flags are defined above.
		}
	}
	return cmd
}

// disputeReport is the machine-readable end of a dispute's transaction.
type disputeReport struct {
	JobID   uint64            `json:"job_id"`
	Attempt uint32            `json:"attempt"`
	Number  uint32            `json:"number"`
	Entry   markettypes.Entry `json:"entry"`
	Bond    sdk.Coin          `json:"bond"`
}

func dispute(ctx context.Context, cmd *cobra.Command, id uint64, o disputeOptions) error {
	machine, err := isJSON(cmd)
	if err != nil {
		return err
	}
	s, err := openSender(ctx, cmd)
	if err != nil {
		return err
	}
	view, err := s.market.Job(ctx, id)
	if err != nil {
		return err
	}
	bond, err := o.agree(ctx, cmd, s, id)
	if err != nil {
		return err
	}
	answer, err := s.wallet.Dispute(ctx, view.Job, o.entry, bond)
	if err != nil {
		return fmt.Errorf("dispute job %d: %w", id, err)
	}
	if machine {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(disputeReport{id, view.Job.Attempt, answer.Number, o.entry, answer.Bond})
	}
	cmd.PrintErrf("job %d is disputed, %s locked; 'assayd job show %d' tells when the worker must answer\n", id, answer.Bond, id)
	return nil
}

// agree tells what a dispute costs before it is paid, and asks unless the flags answer.
func (o disputeOptions) agree(ctx context.Context, cmd *cobra.Command, s *jobSession, id uint64) (sdk.Coin, error) {
	if o.bond != "" {
		bond, err := sdk.ParseCoinNormalized(o.bond)
		if err != nil {
			return bond, usagef("--bond: %w", err)
		}
		return bond, nil
	}
	terms, err := s.market.DisputeTerms(ctx, id)
	if err != nil {
		return sdk.Coin{}, err
	}
	if terms.Obstacle != "" {
		return sdk.Coin{}, usagef("job %d can't be disputed now: %s", id, terms.Obstacle)
	}
	cmd.PrintErrf("%s are locked, and lost if the worker proves step %d, row %d, column %d\n", terms.Bond, o.entry.Step, o.entry.Row, o.entry.Col)
	if o.yes {
		return terms.Bond, nil
	}
	return terms.Bond, confirm(cmd, "dispute it?", "accept the bond with --yes, or bound it with --bond")
}
