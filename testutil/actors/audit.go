package actors

import (
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/invariants"
	emissiontypes "github.com/assaychain/assay/x/emission/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/market/lifecycle"
	markettypes "github.com/assaychain/assay/x/market/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// Audit follows a network block by block. It keeps its own books from the events and holds them against the chain's: the
// supply, every module's balance and indexes, and that no hook failed.
type Audit struct {
	// Punishments in their order, as they stand.
	Punishments []penaltytypes.Record
	// Seen counts the transitions of the market's state table.
	Seen map[lifecycle.Event]int
	// Reasons are those of the closed jobs.
	Reasons map[uint64]markettypes.CloseReason
	// FeesBurnt is the sum that payments for work burnt.
	FeesBurnt math.Int
	// Tolerated errors are parts of logged lines that the test means to provoke.
	Tolerated []string

	network *Network
	// supply that the events explain.
	supply math.Int
	// answered holds jobs whose delivery is on the chain and not contested.
	answered map[uint64]bool
	// asked holds jobs whose contest waits for an opening.
	asked map[uint64]bool
	// errors already looked at.
	errors  int
	stopped bool
}

func newAudit(n *Network) *Audit {
	return &Audit{
		network: n, supply: n.Supply(), Seen: map[lifecycle.Event]int{}, Reasons: map[uint64]markettypes.CloseReason{},
		FeesBurnt: math.ZeroInt(), answered: map[uint64]bool{}, asked: map[uint64]bool{},
	}
}

// continued is the audit of the same books on another chain.
func (a *Audit) continued(on *Network) *Audit {
	moved := *a
	moved.network, moved.errors = on, 0
	return &moved
}

// follow checks everything after a block.
func (a *Audit) follow(block *abci.ResponseFinalizeBlock) {
	t := a.network.t
	t.Helper()
	if a.stopped {
		return
	}
	for _, result := range block.TxResults {
		a.read(result.Events)
	}
	a.read(block.Events)
	require.Equal(t, a.supply.String(), a.network.Supply().String(), "supply at height %d is not what the events explain", a.network.Height())
	require.Equal(t, a.supply.String(), a.total().String(), "balances at height %d don't add up to the supply", a.network.Height())
	a.books()
	for ; a.errors < len(a.network.Errors); a.errors++ {
		require.True(t, a.tolerates(a.network.Errors[a.errors]), "logged at height %d: %s", a.network.Height(), a.network.Errors[a.errors])
	}
}

// total adds up what every account has.
func (a *Audit) total() math.Int {
	sum := math.ZeroInt()
	a.network.App().Bank.IterateAllBalances(a.network.Context(), func(_ sdk.AccAddress, coin sdk.Coin) bool {
		sum = sum.Add(coin.Amount)
		return false
	})
	return sum
}

func (a *Audit) tolerates(line string) bool {
	for _, part := range a.Tolerated {
		if strings.Contains(line, part) {
			return true
		}
	}
	return false
}

// books calls every module's own check: balances equal books, indexes equal records.
func (a *Audit) books() {
	a.network.t.Helper()
	require.NoError(a.network.t, invariants.Modules(a.network.App(), a.network.Context()), "at height %d", a.network.Height())
}

func (a *Audit) read(events []abci.Event) {
	t := a.network.t
	t.Helper()
	for _, raw := range events {
		if !strings.HasPrefix(raw.Type, "assay.") {
			continue
		}
		event, err := parse(raw)
		require.NoError(t, err, raw.Type)
		a.money(event)
		a.transition(event)
	}
}

// parse decodes a typed event, less the attributes that the SDK adds.
func parse(raw abci.Event) (proto.Message, error) {
	own := abci.Event{Type: raw.Type}
	for _, attribute := range raw.Attributes {
		if attribute.Key != "mode" && attribute.Key != "msg_index" {
			own.Attributes = append(own.Attributes, attribute)
		}
	}
	return sdk.ParseTypedEvent(own)
}

// money takes what is burnt off the supply, and adds what is minted.
func (a *Audit) money(event proto.Message) {
	switch e := event.(type) {
	case *emissiontypes.EventEpochMinted:
		a.supply = a.supply.Add(e.Amount.Amount)
	case *penaltytypes.EventPunished:
		a.Punishments = append(a.Punishments, e.Record)
	case *penaltytypes.EventAppealed:
		a.replace(e.Record)
	case *penaltytypes.EventSettled:
		a.settle(e.Record)
	case *penaltytypes.EventRestored:
		a.settle(e.Record)
	case *escrowtypes.EventPaid:
		for _, payout := range e.Payouts {
			if payout.Role == "burn" {
				a.supply, a.FeesBurnt = a.supply.Sub(payout.Amount.Amount), a.FeesBurnt.Add(payout.Amount.Amount)
			}
		}
	}
}

// replace notes where a punishment stands now.
func (a *Audit) replace(record penaltytypes.Record) {
	for i := range a.Punishments {
		if a.Punishments[i].Id == record.Id {
			a.Punishments[i] = record
		}
	}
}

// settle takes what a punishment and its appeal burnt off the supply.
func (a *Audit) settle(record penaltytypes.Record) {
	a.replace(record)
	a.supply = a.supply.Sub(burntBy(record))
}

// PenaltiesBurnt is the sum that penalties and denied appeals burnt.
func (a *Audit) PenaltiesBurnt() math.Int {
	sum := math.ZeroInt()
	for _, record := range a.Punishments {
		sum = sum.Add(burntBy(record))
	}
	return sum
}

func burntBy(record penaltytypes.Record) math.Int {
	if record.Appeal == nil {
		return record.Burnt
	}
	return record.Burnt.Add(record.Appeal.Burnt)
}

// transition names the line of the state table that an event stands for.
func (a *Audit) transition(event proto.Message) {
	switch e := event.(type) {
	case *markettypes.EventJobAssigned:
		a.Seen[lifecycle.Assign]++
	case *markettypes.EventResultCommitted:
		a.Seen[lifecycle.Commit]++
	case *markettypes.EventRoundReplaced:
		a.Seen[lifecycle.Refix]++
	case *markettypes.EventJobSampled:
		a.Seen[lifecycle.Sample]++
	case *markettypes.EventProofSubmitted:
		a.Seen[lifecycle.Prove]++
	case *markettypes.EventJobProven:
		a.Seen[lifecycle.Accept]++
	case *markettypes.EventResultDisputed:
		a.Seen[lifecycle.Dispute]++
	case *markettypes.EventDisputeAnswered:
		a.Seen[lifecycle.Answer]++
	case *markettypes.EventDisputeClosed:
		a.verdict(e)
	case *markettypes.EventAttemptFailed:
		delete(a.answered, e.JobId)
		a.Seen[failures[e.Reason]]++
	case *markettypes.EventDeliveryClaimed:
		a.Seen[lifecycle.Claim]++
	case *markettypes.EventDelivered:
		a.Seen[lifecycle.Deliver]++
		a.answered[e.JobId] = true
	case *markettypes.EventDeliveryQuestioned:
		delete(a.answered, e.JobId)
		a.asked[e.JobId] = true
		a.Seen[lifecycle.Question]++
	case *markettypes.EventDeliveryContested:
		delete(a.answered, e.JobId)
		if a.asked[e.JobId] {
			delete(a.asked, e.JobId)
			a.Seen[openings[e.Genuine]]++
			return
		}
		a.Seen[verdicts[e.Genuine]]++
	case *markettypes.EventReplicas:
		a.Seen[lifecycle.Recruit+lifecycle.Event(e.Step-markettypes.REPLICA_STEP_RECRUITED)]++
	case *markettypes.EventAudit:
		a.Seen[audited[e.Step]]++
	case *markettypes.EventJobClosed:
		a.Reasons[e.JobId] = e.Reason
		a.close(e)
	}
}

// audited are the events of the state machine by what is told of an audit.
var audited = map[markettypes.AuditStep]lifecycle.Event{
	markettypes.AUDIT_STEP_FIXED: lifecycle.SubmitToAudit, markettypes.AUDIT_STEP_REFIXED: lifecycle.Refix,
	markettypes.AUDIT_STEP_SPARED: lifecycle.Spare, markettypes.AUDIT_STEP_DRAWN: lifecycle.Audit,
	markettypes.AUDIT_STEP_LACKING: lifecycle.LackAuditor,
}

// close tells the ways to a settlement apart; what a contest ends is counted with its verdict.
func (a *Audit) close(e *markettypes.EventJobClosed) {
	switch {
	case e.Reason == markettypes.CLOSE_REASON_FALSE_DELIVERY:
		if a.asked[e.JobId] {
			a.Seen[lifecycle.MissOpening]++
		}
	case e.Reason != markettypes.CLOSE_REASON_SETTLED:
		a.Seen[endings[e.Reason]]++
	case a.answered[e.JobId]:
		a.Seen[lifecycle.Uncontested]++
	case a.contested(e.JobId):
	default:
		a.Seen[lifecycle.Settle]++
	}
}

// contested tells whether a settled job was claimed: its claim fee is not zero.
func (a *Audit) contested(id uint64) bool {
	return a.network.Job(id).ClaimFee.IsPositive()
}

var (
	failures = map[markettypes.FailureReason]lifecycle.Event{
		markettypes.FAILURE_REASON_COMMIT_LATE:       lifecycle.MissCommit,
		markettypes.FAILURE_REASON_PROOF_LATE:        lifecycle.MissProof,
		markettypes.FAILURE_REASON_PROOF_INVALID:     lifecycle.Reject,
		markettypes.FAILURE_REASON_INPUT_UNAVAILABLE: lifecycle.ReportInputs,
		markettypes.FAILURE_REASON_UNVERIFIABLE:      lifecycle.Abandon,

		markettypes.FAILURE_REASON_DISPUTE_UNANSWERED: lifecycle.MissAnswer,
		markettypes.FAILURE_REASON_DISPUTE_LOST:       lifecycle.Convict,
		markettypes.FAILURE_REASON_REPLICAS_LOST:      lifecycle.Disband,
	}
	verdicts = map[bool]lifecycle.Event{true: lifecycle.Genuine, false: lifecycle.Falsified}
	openings = map[bool]lifecycle.Event{true: lifecycle.AnswerGenuine, false: lifecycle.AnswerFalse}
	endings  = map[markettypes.CloseReason]lifecycle.Event{
		markettypes.CLOSE_REASON_CANCELLED:          lifecycle.Cancel,
		markettypes.CLOSE_REASON_EXPIRED:            lifecycle.Expire,
		markettypes.CLOSE_REASON_ATTEMPTS_EXHAUSTED: lifecycle.Exhaust,
		markettypes.CLOSE_REASON_INPUT_UNAVAILABLE:  lifecycle.GiveUp,
		markettypes.CLOSE_REASON_UNDELIVERED:        lifecycle.MissDelivery,
	}
)
