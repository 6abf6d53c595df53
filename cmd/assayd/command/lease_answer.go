package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/customer"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// leaseAnswer is what a command tells of a lease. Each command fills in its part; what it does not fill in is left out.
type leaseAnswer struct {
	LeaseID     uint64     `json:"lease_id"`
	Device      string     `json:"device,omitempty"`
	Operator    string     `json:"operator,omitempty"`
	State       string     `json:"state,omitempty"`
	CloseReason string     `json:"close_reason,omitempty"`
	Rate        string     `json:"rate,omitempty"`
	Deposit     string     `json:"deposit,omitempty"`
	Balance     string     `json:"balance,omitempty"`
	Seconds     uint64     `json:"seconds,omitempty"`
	Paid        string     `json:"paid,omitempty"`
	Refunded    string     `json:"refunded,omitempty"`
	Start       *time.Time `json:"start,omitempty"`
	End         *time.Time `json:"end,omitempty"`
	DryAt       *time.Time `json:"dry_at,omitempty"`
	DriedAt     *time.Time `json:"dried_at,omitempty"`
}

// print writes the answer for people, a line each, or for a program.
func (a leaseAnswer) print(cmd *cobra.Command) error {
	machine, err := isJSON(cmd)
	if err != nil {
		return err
	}
	if machine {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(a)
	}
	table := lineTable(cmd.OutOrStdout())
	table.line("lease", fmt.Sprint(a.LeaseID))
	table.line("device", a.Device)
	table.line("operator", a.Operator)
	table.line("state", lowered(a.State, "LEASE_STATE_"))
	table.line("closed as", lowered(a.CloseReason, "LEASE_CLOSE_REASON_"))
	table.line("an hour", a.Rate)
	table.line("deposit", a.Deposit)
	table.line("balance", a.Balance)
	if a.Seconds > 0 {
		table.line("attested", fmt.Sprintf("%d s", a.Seconds))
	}
	table.line("paid", a.Paid)
	table.line("refunded", a.Refunded)
	table.moment("start", a.Start)
	table.moment("end", a.End)
	table.moment("money used up at", a.DryAt)
	table.moment("money was used up at", a.DriedAt)
	return table.Flush()
}

// lowered writes the name of an enumeration's value as people read it.
func lowered(name, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", " ")
}

// lines is a table of a name and a value in each line.
type lines struct{ *tabwriter.Writer }

func lineTable(out io.Writer) lines { return lines{tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)} }

// line adds a line, unless there is no value.
func (t lines) line(name, value string) {
	if value != "" {
		fmt.Fprintf(t, "%s\t%s\n", name, value)
	}
}

// moment adds a line for a moment, unless there is none.
func (t lines) moment(name string, at *time.Time) {
	if at != nil {
		t.line(name, customer.Moment(*at))
	}
}

// agreed is the answer to a new lease.
func agreed(view *markettypes.QueryLeaseResponse, deposit string) leaseAnswer {
	lease := view.Lease
	return leaseAnswer{
		LeaseID: lease.Id, Device: fmt.Sprintf("%x", lease.Device), Operator: lease.Operator, Rate: lease.Rate.String() + view.Balance.Denom,
		Deposit: deposit, Start: &lease.Start, End: &lease.End, DryAt: view.DryAt,
	}
}

// ended is the answer to a watch.
func ended(view *markettypes.QueryLeaseResponse) leaseAnswer {
	lease, denom := view.Lease, view.Balance.Denom
	return leaseAnswer{
		LeaseID: lease.Id, State: lease.State.String(), CloseReason: lease.CloseReason.String(),
		Paid: lease.Paid.String() + denom, Refunded: lease.Refunded.String() + denom, DriedAt: customer.DriedAt(lease),
	}
}
