package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// send brings a message into a block and reads the answer to it.
func send(ctx context.Context, s *jobSession, message sdk.Msg, answer proto.Message) error {
	_, hash, err := s.wallet.Send(ctx, nil, message)
	if err != nil {
		return err
	}
	return s.wallet.Answer(ctx, hash, answer)
}

// changeLease connects, sends a message about a lease and shows the lease.
func changeLease(cmd *cobra.Command, id string, message func(s *jobSession, id uint64) (sdk.Msg, proto.Message, error)) error {
	number, err := parseLeaseID(id)
	if err != nil {
		return err
	}
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	s, err := openSender(ctx, cmd)
	if err != nil {
		return jobError(err)
	}
	msg, answer, err := message(s, number)
	if err != nil {
		return err
	}
	if err := send(ctx, s, msg, answer); err != nil {
		return jobError(fmt.Errorf("lease %d: %w", number, err))
	}
	return jobError(printLease(ctx, cmd, s, number))
}

// leaseExtend moves the end of a lease.
func leaseExtend() *cobra.Command {
	var length time.Duration
	var maxRate, deposit string
	cmd := &cobra.Command{
		Use:   "extend ID --by TIME --max-rate COINS",
		Short: "Move the end of a lease",
		Long: `Move the end of a lease. From then on an hour costs the higher of the agreed and the present price, at most --max-rate. The deposit
is added to what is locked; without it the lease ends when its money is used up.`,
		Example: `assayd lease extend 7 --by 2h --max-rate 40000uassay --deposit 80000uassay --from customer
assayd lease extend 7 --by 30m --max-rate 40000uassay --from customer --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			seconds, err := wholeSeconds("--by", length)
			if err != nil {
				return err
			}
			rate, err := sdk.ParseCoinNormalized(maxRate)
			if err != nil {
				return usagef("--max-rate: %w", err)
			}
			return changeLease(cmd, args[0], func(s *jobSession, id uint64) (sdk.Msg, proto.Message, error) {
				added, err := coinOr("--deposit", deposit, zeroCoin(s.denom))
				return &markettypes.MsgExtendLease{
					Customer: s.wallet.Address().String(), LeaseId: id, Seconds: seconds, MaxRate: rate, Deposit: added,
				}, &markettypes.MsgExtendLeaseResponse{}, err
			})
		},
	}
	cmd.Flags().DurationVar(&length, "by", 0, "time to add, in whole seconds")
	cmd.Flags().StringVar(&maxRate, "max-rate", "", "the most an hour may cost from now on, such as 50000uassay")
	cmd.Flags().StringVar(&deposit, "deposit", "", "what is added to the deposit")
	addSenderFlags(cmd)
	return cmd
}

// leaseClose ends a lease early.
func leaseClose() *cobra.Command {
	var motive string
	var abandon bool
	cmd := &cobra.Command{
		Use:   "close ID",
		Short: "End a lease early, with notice, or take a reservation back",
		Long: `End a lease early: by the customer or by the operator, as the key of --from is. An active lease goes on until the notice is over and
is paid until then; during an outage, and before it begins, it ends at once. Whoever takes a reservation back late pays the other
side the booking fee. --abandon is the operator's end without notice: it is punished.`,
		Example: `assayd lease close 7 --from customer
assayd lease close 7 --reason maintenance --from operator --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			value := markettypes.LeaseMotive_value["LEASE_MOTIVE_"+strings.ToUpper(strings.ReplaceAll(motive, "-", "_"))]
			if value == 0 {
				return usagef("--reason: there is no %q; there are not-needed, maintenance, quality, misuse and other", motive)
			}
			return changeLease(cmd, args[0], func(s *jobSession, id uint64) (sdk.Msg, proto.Message, error) {
				return &markettypes.MsgCloseLease{
					Party: s.wallet.Address().String(), LeaseId: id, Motive: markettypes.LeaseMotive(value), Abandon: abandon,
				}, &markettypes.MsgCloseLeaseResponse{}, nil
			})
		},
	}
	cmd.Flags().StringVar(&motive, "reason", "not-needed", "why: not-needed, maintenance, quality, misuse, other")
	cmd.Flags().BoolVar(&abandon, "abandon", false, "leave without notice, as the operator; it is punished")
	addSenderFlags(cmd)
	return cmd
}
