// Package guardrail limits what one vote may do to the parameters of a module. It compares the present parameters with the
// proposed ones field by field, whatever their types, by the descriptors of their schemas.
package guardrail

import "fmt"

// Treatment says how a field may change.
type Treatment int

const (
	// Bounded fields are numbers, or lists by their length: they stay within bounds and change by a limited amount.
	Bounded Treatment = iota
	// Free fields may be set to anything within their bounds, if they have any. They are switches, names and keys, for which a
	// distance means nothing.
	Free
	// Frozen fields never change by vote; it takes a new version of the program.
	Frozen
)

// String names the treatment.
func (t Treatment) String() string {
	switch t {
	case Bounded:
		return "bounded"
	case Free:
		return "free"
	case Frozen:
		return "frozen"
	}
	return fmt.Sprintf("treatment %d", int(t))
}

// DefaultChangeBps is the largest change of a number in one proposal where no rule says otherwise, in basis points of its
// present value: half of it.
const DefaultChangeBps = 5_000

// Rule is what the table says of one field.
type Rule struct {
	// Field is the path from the parameters, such as rules.slash_bps: elements of lists are not numbered.
	Field     string
	Treatment Treatment
	// Min and Max bound the field, in its own notation: 100, 0.334 or 24h; for a list they bound its length. Where they are
	// empty the module's own check is the bound.
	Min, Max string
	// ChangeBps is the largest change in one proposal, in basis points of the present value; DefaultChangeBps when 0.
	ChangeBps uint32
	// Step is a change that is always small enough, so that a value near zero can leave it. By default 1, 1s or 0.01.
	Step string
}

// Module is the part of the table for one message that replaces parameters.
type Module struct {
	// Message is the full name of the message.
	Message string
	Rules   []Rule
}

// Table is the whole table.
type Table []Module

// rules returns the rules of a message by field.
func (t Table) rules(message string) map[string]Rule {
	found := map[string]Rule{}
	for _, module := range t {
		if module.Message == message {
			for _, rule := range module.Rules {
				found[rule.Field] = rule
			}
		}
	}
	return found
}

// Knows tells whether the table has a rule for a field of a message.
func (t Table) Knows(message, field string) bool {
	_, ok := t.rules(message)[field]
	return ok
}
