package command

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// leaseClose ends a lease early.
func leaseClose() *cobra.Command {
	var motive string
	var abandon, yes bool
	cmd := &cobra.Command{
		Use:   "close ID",
		Short: "End a lease early, or take a reservation back, from either side",
		Long: `End a lease early, or take a reservation back, from either side.

An active lease runs on until the notice of the side that ends it is over. A reservation is taken back at once; shortly before its
start that costs the booking fee. The operator may leave at once with --abandon, and is punished for it; it asks first, unless
--yes answers. The motive is kept with the lease and changes nobody's money.`,
		Example: `assayd lease close 7 --from customer
assayd lease close 7 --motive maintenance --from operator`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			why, err := parseName[markettypes.LeaseMotive](flagMotive, motive, motiveNames)
			if err != nil {
				return err
			}
			return withLease(cmd, args[0], func(ctx context.Context, s *jobSession, view *markettypes.QueryLeaseResponse) error {
				if abandon && !yes {
					question := fmt.Sprintf("abandon lease %d? Part of the bond is slashed for it.", view.Lease.Id)
					if err := confirm(cmd, question, "answer with --yes"); err != nil {
						return err
					}
				}
				return closeLease(ctx, cmd, s, &markettypes.MsgCloseLease{
					Party: s.wallet.Address().String(), LeaseId: view.Lease.Id, Motive: why, Abandon: abandon,
				})
			})
		},
	}
	addMotiveFlag(cmd, &motive)
	cmd.Flags().BoolVar(&abandon, "abandon", false, "the operator leaves without notice, and is punished")
	addYesFlag(cmd, &yes)
	addSenderFlags(cmd)
	return cmd
}

func closeLease(ctx context.Context, cmd *cobra.Command, s *jobSession, message *markettypes.MsgCloseLease) error {
	var answer markettypes.MsgCloseLeaseResponse
	if err := s.wallet.Ask(ctx, message, &answer); err != nil {
		return fmt.Errorf("close lease %d: %w", message.LeaseId, err)
	}
	told := leaseAnswer{LeaseID: message.LeaseId, State: answer.State.String(), End: &answer.End}
	if answer.Reason != markettypes.LEASE_CLOSE_REASON_UNSPECIFIED {
		told.CloseReason = answer.Reason.String()
	}
	return told.print(cmd)
}

// leaseOutage tells that the device can't be reached.
func leaseOutage() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outage ID",
		Short: "Tell the chain that you can't reach the device you rent: its time is not paid from then on",
		Long: `Tell the chain that you can't reach the device you rent.

Its time is not paid until the operator tells that the device is back, and the operator loses the lease if it does not in
time. A lease bears few such complaints; the last one ends it.`,
		Example:           "assayd lease outage 7 --from customer",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLease(cmd, args[0], func(ctx context.Context, s *jobSession, view *markettypes.QueryLeaseResponse) error {
				id := view.Lease.Id
				var answer markettypes.MsgReportOutageResponse
				if err := s.wallet.Ask(ctx, &markettypes.MsgReportOutage{Customer: s.wallet.Address().String(), LeaseId: id}, &answer); err != nil {
					return fmt.Errorf("outage of lease %d: %w", id, err)
				}
				return leaseAnswer{LeaseID: id, State: answer.State.String()}.print(cmd)
			})
		},
	}
	addSenderFlags(cmd)
	return cmd
}

// leaseRecovered tells that the device is back.
func leaseRecovered() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "recovered ID",
		Short:             "Tell the chain that your rented device can be reached again: its time is paid from then on",
		Example:           "assayd lease recovered 7 --from operator",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLease(cmd, args[0], func(ctx context.Context, s *jobSession, view *markettypes.QueryLeaseResponse) error {
				id := view.Lease.Id
				var answer markettypes.MsgReportRecoveryResponse
				if err := s.wallet.Ask(ctx, &markettypes.MsgReportRecovery{Operator: s.wallet.Address().String(), LeaseId: id}, &answer); err != nil {
					return fmt.Errorf("recovery of lease %d: %w", id, err)
				}
				after, err := s.market.Lease(ctx, id)
				if err != nil {
					return fmt.Errorf("lease %d goes on, but can't be read: %w", id, err)
				}
				return leaseAnswer{LeaseID: id, State: after.Lease.State.String(), DryAt: after.DryAt}.print(cmd)
			})
		},
	}
	addSenderFlags(cmd)
	return cmd
}

// statement is what a gateway attests, as its file holds it.
type statement struct {
	LeaseID   uint64 `json:"lease_id"`
	Seconds   uint64 `json:"seconds"`
	Signature string `json:"signature"`
}

// maxStatementFile bounds the file of a statement, in bytes.
const maxStatementFile = 4096

// leaseAttest hands in a statement of the customer's gateway.
func leaseAttest() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "attest ID FILE",
		Short: "Hand in a statement of the customer's gateway, which pays the time that it attests",
		Long: `Hand in a statement of the customer's gateway, which pays the time that it attests.

FILE is JSON with the lease's number, the seconds in which the device has served since the lease began, all together, and the
gateway's signature over both and the chain's id, in hexadecimal:

  {"lease_id": 7, "seconds": 3600, "signature": "5f3c...128 digits"}`,
		Example: "assayd lease attest 7 statement.json --from operator",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseLeaseID(args[0])
			if err != nil {
				return err
			}
			message, err := readStatement(args[1], id)
			if err != nil {
				return err
			}
			return withLease(cmd, args[0], func(ctx context.Context, s *jobSession, _ *markettypes.QueryLeaseResponse) error {
				message.Reporter = s.wallet.Address().String()
				var answer markettypes.MsgReportLivenessResponse
				if err := s.wallet.Ask(ctx, message, &answer); err != nil {
					return fmt.Errorf("statement on lease %d: %w", id, err)
				}
				return leaseAnswer{LeaseID: id, Seconds: message.Seconds, Paid: answer.Paid.String()}.print(cmd)
			})
		},
	}
	addSenderFlags(cmd)
	return cmd
}

// readStatement reads a statement and checks what can be checked without the chain.
func readStatement(path string, id uint64) (*markettypes.MsgReportLiveness, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxStatementFile {
		return nil, usagef("%s has %d bytes: a statement has at most %d", path, info.Size(), maxStatementFile)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	var read statement
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return nil, usagef("%s is no statement: %w", path, err)
	}
	if read.LeaseID != id {
		return nil, usagef("%s: lease_id is %d: it must be %d", path, read.LeaseID, id)
	}
	if read.Seconds == 0 {
		return nil, usagef("%s: seconds is 0: it must be at least 1", path)
	}
	signature, err := hex.DecodeString(read.Signature)
	if err != nil || len(signature) != markettypes.SignatureSize {
		return nil, usagef("%s: signature: it must be %d hexadecimal digits", path, 2*markettypes.SignatureSize)
	}
	return &markettypes.MsgReportLiveness{LeaseId: id, Seconds: read.Seconds, Signature: signature}, nil
}
