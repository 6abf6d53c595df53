package guardrail

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Line describes what holds for one field at present.
type Line struct {
	// Shown is the path with numbered elements, Field the one in the table.
	Shown, Field string
	Treatment    Treatment
	Number       bool
	// Listed tells whether the table, and not a default, decides.
	Listed  bool
	Present string
	// Min and Max are the table's bounds, Lowest and Highest what one proposal may set now; empty where there are none.
	Min, Max, Lowest, Highest string
}

// Describe lists what holds for every field of some parameters, in the order of the schema.
func (t Table) Describe(message string, present protoreflect.Message) ([]Line, error) {
	d := describer{checker: checker{rules: t.rules(message)}}
	err := d.message(place{}, present, Bounded)
	return d.lines, err
}

type describer struct {
	checker
	lines []Line
}

func (d *describer) message(p place, present protoreflect.Message, around Treatment) error {
	if err := readable(p, present); err != nil {
		return err
	}
	fields := present.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if err := d.field(p.child(field), field, present.Get(field), around); err != nil {
			return err
		}
	}
	return nil
}

func (d *describer) field(p place, field protoreflect.FieldDescriptor, present protoreflect.Value, around Treatment) error {
	switch {
	case field.IsList():
		return d.list(p, field, present.List(), around)
	case !field.IsMap() && isRecord(field):
		return d.message(p, present.Message(), d.within(p, around))
	}
	return d.leaf(p, field, present, around)
}

func (d *describer) list(p place, field protoreflect.FieldDescriptor, present protoreflect.List, around Treatment) error {
	rule := d.rule(p, around, false)
	count := protoreflect.ValueOfInt64(int64(present.Len()))
	if err := d.add(place{shown: p.shown + "[]", field: p.field}, rule, natural, count); err != nil {
		return err
	}
	if !isRecord(field) {
		return nil
	}
	if rule.Treatment != Free {
		around = Bounded
	}
	for i := range present.Len() {
		if err := d.message(p.element(i), present.Get(i).Message(), around); err != nil {
			return err
		}
	}
	return nil
}

func (d *describer) leaf(p place, field protoreflect.FieldDescriptor, present protoreflect.Value, around Treatment) error {
	k := kindOf(field)
	rule := d.rule(p, around, k != none)
	if k == none {
		_, listed := d.rules[p.field]
		d.lines = append(d.lines, Line{
			Shown: p.shown, Field: p.field, Treatment: rule.Treatment, Listed: listed || around != Bounded, Present: shownValue(present),
		})
		return nil
	}
	n, err := number(field, present)
	if err != nil {
		return fmt.Errorf("%w: present %s: %w", ErrValue, p.shown, err)
	}
	if k == duration || field.Kind() == protoreflect.StringKind || field.Kind() == protoreflect.BytesKind {
		present = protoreflect.ValueOfString(write(k, n))
	}
	return d.add(p, rule, k, present)
}

// add describes a number.
func (d *describer) add(p place, rule Rule, k kind, present protoreflect.Value) error {
	_, listed := d.rules[p.field]
	line := Line{
		Shown: p.shown, Field: p.field, Treatment: rule.Treatment, Number: true, Listed: listed, Present: shownValue(present),
		Min: rule.Min, Max: rule.Max,
	}
	if rule.Treatment != Frozen {
		n, err := read(k, line.Present)
		if err != nil {
			return fmt.Errorf("%w: present %s: %w", ErrValue, p.shown, err)
		}
		l, err := limitOf(k, rule, n)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrValue, p.shown, err)
		}
		if l.low != nil {
			line.Lowest = write(k, l.low)
		}
		if l.high != nil {
			line.Highest = write(k, l.high)
		}
	}
	d.lines = append(d.lines, line)
	return nil
}

// shownValue writes a value for people; bytes in hexadecimal.
func shownValue(v protoreflect.Value) string {
	if raw, ok := v.Interface().([]byte); ok {
		return fmt.Sprintf("%x", raw)
	}
	return v.String()
}
