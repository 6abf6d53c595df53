package lifecycle

// The events of a claim that relays answer, numbered apart from the others.
const (
	// ClaimRelayed is the customer's word that a result too large for a transaction did not arrive, or that relays don't serve it.
	ClaimRelayed Event = iota + 60
	// DrawRelays is the posting of the round, when enough relays are found.
	DrawRelays
	// LackRelays is the posting of the round of a claim's first draw, when too few relays are found: the worker was asked nothing.
	LackRelays
	// LoseRelays is the same of a second draw, after a first that brought no hand-over.
	LoseRelays
	// HandOver shows enough relays' receipts in time.
	HandOver
	// Redraw is the first deadline of a claim without a hand-over: relays that are silent must not cost a worker its bond.
	Redraw
)

func relayEvents() []Event {
	return []Event{ClaimRelayed, DrawRelays, LackRelays, LoseRelays, HandOver, Redraw}
}

// relayEventName is empty for other events.
func relayEventName(e Event) string {
	switch e {
	case ClaimRelayed:
		return "claim relayed"
	case DrawRelays:
		return "draw relays"
	case LackRelays:
		return "lack relays"
	case LoseRelays:
		return "lose relays"
	case HandOver:
		return "hand over"
	case Redraw:
		return "redraw"
	default:
		return ""
	}
}

// Relayed is what decides how a draw and a deadline of a claim that relays answer go on.
type Relayed struct {
	// Redrawn tells whether the claim's first draw brought no hand-over.
	Redrawn bool
	// Found are the relays that the draw found, Threshold the receipts that a hand-over needs.
	Found, Threshold uint32
}

// Drawn is the event of a posted round.
func (r Relayed) Drawn() Event {
	switch {
	case r.Found >= r.Threshold:
		return DrawRelays
	case r.Redrawn:
		return LoseRelays
	default:
		return LackRelays
	}
}

// Missed is the event of a deadline without a hand-over.
func (r Relayed) Missed() Event {
	if r.Redrawn {
		return MissDelivery
	}
	return Redraw
}
