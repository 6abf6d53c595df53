package watch

import (
	"encoding/json"
	"fmt"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/journal"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// The steps of a watched attempt, in the journal of the watcher.
const (
	// StepSeen ends an attempt that needs nothing: its result is right, or it was not drawn for watching.
	StepSeen journal.Step = "seen"
	// StepIntent is a dispute that is about to be sent.
	StepIntent journal.Step = "dispute_intent"
	// StepFailed tells that the transaction of the last intent is final without effect.
	StepFailed journal.Step = "dispute_failed"
	// StepOpen tells that the dispute is on the chain.
	StepOpen journal.Step = "dispute_open"
	// StepOver tells how the dispute ended.
	StepOver journal.Step = "dispute_over"
)

// attempt names an attempt at a job.
type attempt struct {
	job    uint64
	number uint32
}

// Intent is a journalled dispute.
type Intent struct {
	Tx    chain.SignedTx    `json:"tx"`
	Entry markettypes.Entry `json:"entry"`
	// Bond is the most that the dispute locks, in base units.
	Bond math.Int `json:"bond"`
}

// End says how a dispute ended for the watcher.
type End struct {
	// Won tells whether the worker was convicted; otherwise the bond is lost, or nobody could tell and it came back.
	Won bool `json:"won"`
	// Lost is what is gone of the bond.
	Lost math.Int `json:"lost"`
}

// Seen is why an attempt needs nothing.
type Seen struct {
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"`
}

// entry is what the book knows of an attempt.
type entry struct {
	seen   bool
	intent *Intent
	open   bool
	end    *End
}

// book is what the journal says, by attempt.
type book map[attempt]*entry

// apply takes one journalled step in.
func (b book) apply(e journal.Entry) error {
	key := attempt{e.Job, e.Attempt}
	at := b[key]
	if at == nil {
		at = &entry{}
		b[key] = at
	}
	var err error
	switch e.Step {
	case StepSeen:
		at.seen = true
	case StepIntent:
		at.intent = &Intent{}
		err = json.Unmarshal(e.Data, at.intent)
	case StepFailed:
		at.intent = nil
	case StepOpen:
		at.open = true
	case StepOver:
		at.end = &End{}
		err = json.Unmarshal(e.Data, at.end)
	default:
		err = fmt.Errorf("unknown step %q", e.Step)
	}
	if err != nil {
		return fmt.Errorf("watcher's journal, entry %d: %w", e.Seq, err)
	}
	return nil
}

// committed is what disputes hold or have lost of the budget: bonds that are locked or about to be, and bonds that are gone.
func (b book) committed() math.Int {
	sum := b.lost()
	for _, at := range b {
		if at.end == nil && at.intent != nil {
			sum = sum.Add(at.intent.Bond)
		}
	}
	return sum
}

// lost is what is gone of the bonds of disputes that are over.
func (b book) lost() math.Int {
	sum := math.ZeroInt()
	for _, at := range b {
		if at.end != nil {
			sum = sum.Add(at.end.Lost)
		}
	}
	return sum
}

// pending are the attempts with a dispute whose end is not known.
func (b book) pending() []attempt {
	var list []attempt
	for key, at := range b {
		if at.intent != nil && at.end == nil {
			list = append(list, key)
		}
	}
	return list
}

// done tells whether nothing is left to do for an attempt, or its dispute is on its way.
func (b book) done(key attempt) bool {
	at := b[key]
	return at != nil && (at.seen || at.intent != nil || at.end != nil)
}
