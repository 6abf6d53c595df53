package guardrail

import (
	"errors"
	"fmt"
	"math/big"

	"google.golang.org/protobuf/reflect/protoreflect"
)

var (
	// ErrLimit is a change that is too large or out of bounds.
	ErrLimit = errors.New("outside the limits")
	// ErrFrozen is a change of what no vote may change.
	ErrFrozen = errors.New("not open to votes")
	// ErrValue is a value that can't be read.
	ErrValue = errors.New("unreadable value")
)

// Check compares the present parameters with the proposed ones, both of the same type, under the rules of a message, and
// returns the first field that changes by more than it may. Fields that don't change are never refused.
func (t Table) Check(message string, present, proposed protoreflect.Message) error {
	c := checker{rules: t.rules(message)}
	return c.message(place{}, present, proposed, Bounded)
}

// maxElements bounds the lists of single values that are compared.
const maxElements = 1_000

// checker holds the rules of one message.
type checker struct{ rules map[string]Rule }

// place is a field on its way down: shown to people with numbered elements, and looked up without.
type place struct{ shown, field string }

func (p place) child(field protoreflect.FieldDescriptor) place {
	name := string(field.Name())
	if p.field == "" {
		return place{shown: name, field: name}
	}
	return place{shown: p.shown + "." + name, field: p.field + "." + name}
}

func (p place) element(i int) place {
	return place{shown: fmt.Sprintf("%s[%d]", p.shown, i), field: p.field}
}

// rule is what holds for a field: its own line, or what holds for the message around it, or the default. What is no number
// and has no line is frozen.
func (c checker) rule(p place, around Treatment, numeric bool) Rule {
	rule, ok := c.rules[p.field]
	switch {
	case ok:
		return rule
	case around != Bounded:
		return Rule{Field: p.field, Treatment: around}
	case numeric:
		return Rule{Field: p.field}
	}
	return Rule{Field: p.field, Treatment: Frozen}
}

// within is what holds for the fields of a message that have no line of their own: what its line says, or the one around it.
func (c checker) within(p place, around Treatment) Treatment {
	if rule, ok := c.rules[p.field]; ok {
		return rule.Treatment
	}
	return around
}

// message compares two messages field by field, in the order of the schema.
func (c checker) message(p place, present, proposed protoreflect.Message, around Treatment) error {
	if err := readable(p, present, proposed); err != nil {
		return err
	}
	fields := proposed.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if err := c.field(p.child(field), field, present.Get(field), proposed.Get(field), around); err != nil {
			return err
		}
	}
	return nil
}

// readable refuses messages with fields that the schema at hand doesn't have: they could not be compared.
func readable(p place, messages ...protoreflect.Message) error {
	for _, m := range messages {
		if m.Descriptor().IsPlaceholder() || len(m.GetUnknown()) > 0 {
			return fmt.Errorf("%w: %q has fields that its schema doesn't have", ErrValue, p.shown)
		}
	}
	return nil
}

func (c checker) field(p place, field protoreflect.FieldDescriptor, present, proposed protoreflect.Value, around Treatment) error {
	switch {
	case field.IsMap():
		return c.opaque(p, present, proposed, around)
	case field.IsList():
		return c.list(p, field, present.List(), proposed.List(), around)
	case isRecord(field):
		return c.message(p, present.Message(), proposed.Message(), c.within(p, around))
	}
	return c.leaf(p, field, present, proposed, around)
}

// isRecord tells messages with fields of their own from those that stand for one value.
func isRecord(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && kindOf(field) == none
}

// leaf compares two single values.
func (c checker) leaf(p place, field protoreflect.FieldDescriptor, present, proposed protoreflect.Value, around Treatment) error {
	k := kindOf(field)
	if k == none || c.rule(p, around, true).Treatment == Frozen {
		return c.opaque(p, present, proposed, around)
	}
	was, err := number(field, present)
	if err != nil {
		return fmt.Errorf("%w: present %s: %w", ErrValue, p.shown, err)
	}
	will, err := number(field, proposed)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrValue, p.shown, err)
	}
	if was.Cmp(will) == 0 {
		return nil
	}
	return c.number(p, k, c.rule(p, around, true), [2]*big.Int{was, will})
}

// number applies a rule to a change.
func (c checker) number(p place, k kind, rule Rule, change [2]*big.Int) error {
	l, err := limitOf(k, rule, change[0])
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrValue, p.shown, err)
	}
	return l.check(p.shown, change[0], change[1])
}

// opaque compares values that are no numbers.
func (c checker) opaque(p place, present, proposed protoreflect.Value, around Treatment) error {
	if c.rule(p, around, false).Treatment == Free || present.Equal(proposed) {
		return nil
	}
	return fmt.Errorf("%w: %s can't be changed by a proposal", ErrFrozen, p.shown)
}

// list compares two lists: their lengths under the list's own rule, then the elements they both have, by position. Elements
// that are added have to be in bounds.
func (c checker) list(p place, field protoreflect.FieldDescriptor, present, proposed protoreflect.List, around Treatment) error {
	rule := c.rule(p, around, false)
	if !isRecord(field) {
		return c.values(p, present, proposed, rule)
	}
	if err := c.length(p, rule, present.Len(), proposed.Len(), proposed.Len()-present.Len()); err != nil {
		return err
	}
	if rule.Treatment != Free {
		around = Bounded
	}
	for i := range proposed.Len() {
		element := proposed.Get(i).Message()
		if i >= present.Len() {
			if err := c.added(p.element(i), element); err != nil {
				return err
			}
		} else if err := c.message(p.element(i), present.Get(i).Message(), element, around); err != nil {
			return err
		}
	}
	return nil
}

// length applies a list's rule to a change of so many elements.
func (c checker) length(p place, rule Rule, was, will, change int) error {
	if change == 0 || rule.Treatment == Free && rule.Min == "" && rule.Max == "" {
		return nil
	}
	if rule.Treatment == Frozen {
		return fmt.Errorf("%w: %s has %d elements and would have %d: none can be added or removed by a proposal", ErrFrozen, p.shown, was, will)
	}
	moved := place{shown: "the number of elements of " + p.shown, field: p.field}
	if err := c.number(moved, natural, rule, [2]*big.Int{big.NewInt(int64(was)), big.NewInt(int64(will))}); err != nil {
		return err
	}
	// As many may be exchanged as may be added.
	moved.shown = "the number of new or removed elements of " + p.shown
	rule.Min, rule.Max = "", ""
	return c.number(moved, natural, rule, [2]*big.Int{big.NewInt(int64(was)), big.NewInt(int64(was + change))})
}

// values compares lists of single values as sets: so many may be added or removed.
func (c checker) values(p place, present, proposed protoreflect.List, rule Rule) error {
	same := present.Len() == proposed.Len()
	for i := 0; same && i < present.Len(); i++ {
		same = present.Get(i).Equal(proposed.Get(i))
	}
	if same {
		return nil
	}
	if rule.Treatment == Frozen {
		return fmt.Errorf("%w: %s can't be changed by a proposal", ErrFrozen, p.shown)
	}
	if proposed.Len() > maxElements {
		return fmt.Errorf("%w: %s has %d elements, at most %d can be compared", ErrLimit, p.shown, proposed.Len(), maxElements)
	}
	change := max(missing(present, proposed)+missing(proposed, present), proposed.Len()-present.Len(), present.Len()-proposed.Len())
	return c.length(p, rule, present.Len(), proposed.Len(), change)
}

// missing counts the elements of one list that are not in another.
func missing(from, in protoreflect.List) (n int) {
	for i := range from.Len() {
		found := false
		for j := 0; !found && j < in.Len(); j++ {
			found = from.Get(i).Equal(in.Get(j))
		}
		if !found {
			n++
		}
	}
	return n
}

// added checks a new element of a list: its numbers have to be within the bounds of the table.
func (c checker) added(p place, element protoreflect.Message) error {
	if err := readable(p, element); err != nil {
		return err
	}
	fields := element.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		at := p.child(field)
		if field.IsMap() || field.IsList() {
			continue
		}
		if isRecord(field) {
			if err := c.added(at, element.Get(field).Message()); err != nil {
				return err
			}
			continue
		}
		if err := c.inBounds(at, field, element.Get(field)); err != nil {
			return err
		}
	}
	return nil
}

// inBounds checks a number against the bounds of its rule.
func (c checker) inBounds(p place, field protoreflect.FieldDescriptor, value protoreflect.Value) error {
	rule, ok := c.rules[p.field]
	k := kindOf(field)
	if !ok || k == none {
		return nil
	}
	n, err := number(field, value)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrValue, p.shown, err)
	}
	l := limit{kind: k}
	if l.min, err = bound(k, rule.Min); err != nil {
		return err
	}
	if l.max, err = bound(k, rule.Max); err != nil {
		return err
	}
	l.low, l.high = l.min, l.max
	return l.check(p.shown, n, n)
}
