package guardrail

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	cosmosproto "github.com/cosmos/cosmos-proto"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"cosmossdk.io/math"
)

// kind is how a field's number is written. Every number is counted in its smallest unit.
type kind int

const (
	// none is no number: text, bytes, switches and enumerations.
	none kind = iota
	// natural counts ones, from 0 on.
	natural
	// integer counts ones and may be negative.
	integer
	// duration counts nanoseconds.
	duration
	// decimal counts 10^-18, written with a point.
	decimal
	// digits counts 10^-18, written without a point, as the SDK's decimal type encodes itself.
	digits
)

// customTypeField is the number of gogoproto's option that names a field's Go type.
const customTypeField = 65003

const (
	durationMessage = "google.protobuf.Duration"
	// maxDigits bounds the text of a number before it is read.
	maxDigits = 100
)

var errNumber = errors.New("is no number")

// kindOf tells how a field's values are written.
func kindOf(field protoreflect.FieldDescriptor) kind {
	switch field.Kind() {
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return natural
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Sint32Kind, protoreflect.Sint64Kind,
		protoreflect.Sfixed32Kind, protoreflect.Sfixed64Kind:
		return integer
	case protoreflect.MessageKind:
		if field.Message().FullName() == durationMessage {
			return duration
		}
	case protoreflect.StringKind, protoreflect.BytesKind:
		return textKind(field)
	}
	return none
}

// textKind tells numbers that are written as text by the annotation of their fields.
func textKind(field protoreflect.FieldDescriptor) kind {
	scalar, _ := proto.GetExtension(field.Options(), cosmosproto.E_Scalar).(string)
	switch {
	case scalar == "cosmos.Int":
		return integer
	case scalar == "cosmos.Dec" && strings.HasSuffix(customType(field), "Dec"):
		return digits
	case scalar == "cosmos.Dec":
		return decimal
	}
	return none
}

// customType reads gogoproto's option of a field. It is read from the wire, because whether the option is known to the
// protobuf registry depends on what else is linked.
func customType(field protoreflect.FieldDescriptor) string {
	raw, err := proto.Marshal(field.Options())
	if err != nil {
		return ""
	}
	for len(raw) > 0 {
		number, wire, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return ""
		}
		raw = raw[n:]
		if number == customTypeField && wire == protowire.BytesType {
			value, n := protowire.ConsumeBytes(raw)
			if n < 0 {
				return ""
			}
			return string(value)
		}
		if n = protowire.ConsumeFieldValue(number, wire, raw); n < 0 {
			return ""
		}
		raw = raw[n:]
	}
	return ""
}

// number reads a field's value.
func number(field protoreflect.FieldDescriptor, value protoreflect.Value) (*big.Int, error) {
	switch k := kindOf(field); {
	case k == duration:
		return nanoseconds(value.Message()), nil
	case field.Kind() == protoreflect.StringKind:
		return parse(k, value.String())
	case field.Kind() == protoreflect.BytesKind:
		return parse(k, string(value.Bytes()))
	}
	switch v := value.Interface().(type) {
	case int32:
		return big.NewInt(int64(v)), nil
	case int64:
		return big.NewInt(v), nil
	case uint32:
		return new(big.Int).SetUint64(uint64(v)), nil
	case uint64:
		return new(big.Int).SetUint64(v), nil
	}
	return nil, errNumber
}

func nanoseconds(m protoreflect.Message) *big.Int {
	fields := m.Descriptor().Fields()
	seconds, nanos := m.Get(fields.ByName("seconds")).Int(), m.Get(fields.ByName("nanos")).Int()
	total := new(big.Int).Mul(big.NewInt(seconds), big.NewInt(int64(time.Second)))
	return total.Add(total, big.NewInt(nanos))
}

// parse reads the text of a number as the schema writes it. An empty text is what an unset field looks like.
func parse(k kind, text string) (*big.Int, error) {
	if text == "" {
		return new(big.Int), nil
	}
	if len(text) > maxDigits {
		return nil, fmt.Errorf("%w: it has %d characters, at most %d can be read", errNumber, len(text), maxDigits)
	}
	if k == decimal {
		d, err := math.LegacyNewDecFromStr(text)
		if err != nil {
			return nil, fmt.Errorf("%q %w: %w", text, errNumber, err)
		}
		return d.BigInt(), nil
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("%q %w", text, errNumber)
	}
	return n, nil
}

// read reads a number as people and the table write it.
func read(k kind, text string) (*big.Int, error) {
	switch k {
	case duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, err
		}
		return big.NewInt(int64(d)), nil
	case digits:
		return parse(decimal, text)
	}
	return parse(k, text)
}

// write is the inverse of read.
func write(k kind, n *big.Int) string {
	switch {
	case k == duration && n.IsInt64():
		return time.Duration(n.Int64()).String()
	case k == decimal || k == digits:
		text := math.LegacyNewDecFromBigIntWithPrec(n, math.LegacyPrecision).String()
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return n.String()
}

// steps are the changes that are always small enough.
var steps = map[kind]*big.Int{
	natural: big.NewInt(1), integer: big.NewInt(1), duration: big.NewInt(int64(time.Second)),
	decimal: math.LegacyNewDecWithPrec(1, 2).BigInt(), digits: math.LegacyNewDecWithPrec(1, 2).BigInt(),
}
