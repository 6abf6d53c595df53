package messages

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	cosmosproto "github.com/cosmos/cosmos-proto"
	"github.com/cosmos/gogoproto/proto"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"

	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"

	"github.com/assaychain/assay/app"
)

const (
	// depth of messages inside messages.
	depth = 6
	// size of a field of bytes: the size of most hashes.
	size = 32
)

// later is a time that no test chain reaches.
var later = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)

// Fill makes a message in which every field has a value that is well formed, and every address is one account's: who signs it,
// and whom it is about.
func Fill(registry codectypes.InterfaceRegistry, url string, who sdk.AccAddress) (sdk.Msg, error) {
	raw, err := Encoded(registry, url, who)
	if err != nil {
		return nil, err
	}
	return Decode(registry, url, raw)
}

// Encoded is the encoding of what Fill makes, also of a type that is no message, such as a query.
func Encoded(registry codectypes.InterfaceRegistry, url string, who sdk.AccAddress) ([]byte, error) {
	descriptor, err := Descriptor(registry, url)
	if err != nil {
		return nil, err
	}
	f := filler{who: who}
	made := f.message(descriptor, depth)
	if f.err != nil {
		return nil, fmt.Errorf("fill %s: %w", url, f.err)
	}
	return protov2.MarshalOptions{Deterministic: true}.Marshal(made)
}

type filler struct {
	who sdk.AccAddress
	err error
}

func (f *filler) message(descriptor protoreflect.MessageDescriptor, left int) *dynamicpb.Message {
	made := dynamicpb.NewMessage(descriptor)
	fields := descriptor.Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.IsMap() || left == 0 || field.ContainingOneof() != nil && field.ContainingOneof().Fields().Get(0) != field {
			continue
		}
		value := f.field(descriptor, field, left)
		if !value.IsValid() {
			continue
		}
		if field.IsList() {
			made.Mutable(field).List().Append(value)
		} else {
			made.Set(field, value)
		}
	}
	return made
}

func (f *filler) field(in protoreflect.MessageDescriptor, field protoreflect.FieldDescriptor, left int) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.MessageKind:
		return f.nested(field, left)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(f.text(in, field))
	case protoreflect.BytesKind:
		if scalar := protov2.GetExtension(field.Options(), cosmosproto.E_Scalar).(string); scalar == "cosmos.Dec" || scalar == "cosmos.Int" {
			return protoreflect.ValueOfBytes([]byte("1"))
		}
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte{7}, size))
	case protoreflect.EnumKind:
		if field.Enum().IsPlaceholder() { // An enumeration of another file, whose values this descriptor does not know.
			return protoreflect.ValueOfEnum(1)
		}
		values := field.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(min(1, values.Len()-1)).Number())
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(false)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(1)
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(1)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(1)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(1)
	default:
		return protoreflect.Value{}
	}
}

// text fills a string by what the schema says it holds.
func (f *filler) text(in protoreflect.MessageDescriptor, field protoreflect.FieldDescriptor) string {
	if strings.HasSuffix(string(in.Name()), "Coin") && field.Name() == "denom" {
		return app.BaseDenom
	}
	switch scalar := protov2.GetExtension(field.Options(), cosmosproto.E_Scalar).(string); scalar {
	case "cosmos.AddressString":
		return f.who.String()
	case "cosmos.ValidatorAddressString":
		return sdk.ValAddress(f.who).String()
	case "cosmos.ConsensusAddressString":
		return sdk.ConsAddress(f.who).String()
	case "cosmos.Int":
		return "1"
	case "cosmos.Dec":
		return "1" // 10^-18, as decimals are encoded.
	}
	// Some older schemas don't say that a field is an address.
	signers := protov2.GetExtension(in.Options(), msgv1.E_Signer).([]string)
	if name := string(field.Name()); slices.Contains(signers, name) || strings.HasSuffix(name, "_address") {
		return f.who.String()
	}
	return "text"
}

// nested fills a message inside a message.
func (f *filler) nested(field protoreflect.FieldDescriptor, left int) protoreflect.Value {
	made := dynamicpb.NewMessage(field.Message())
	switch field.Message().FullName() {
	case "google.protobuf.Any":
		return f.any(field, made)
	case "google.protobuf.Timestamp":
		made.Set(field.Message().Fields().ByName("seconds"), protoreflect.ValueOfInt64(later.Unix()))
	case "google.protobuf.Duration":
		made.Set(field.Message().Fields().ByName("seconds"), protoreflect.ValueOfInt64(3600))
	default:
		made = f.message(field.Message(), left-1)
	}
	return protoreflect.ValueOfMessage(made)
}

// any packs a value of the interface that a field accepts.
func (f *filler) any(field protoreflect.FieldDescriptor, made *dynamicpb.Message) protoreflect.Value {
	accepts := protov2.GetExtension(field.Options(), cosmosproto.E_AcceptsInterface).(string)
	value := f.implementation(accepts, field)
	if value == nil {
		return protoreflect.Value{}
	}
	packed, err := codectypes.NewAnyWithValue(value)
	if err != nil {
		f.err = err
		return protoreflect.Value{}
	}
	fields := made.Descriptor().Fields()
	made.Set(fields.ByName("type_url"), protoreflect.ValueOfString(packed.TypeUrl))
	made.Set(fields.ByName("value"), protoreflect.ValueOfBytes(packed.Value))
	return protoreflect.ValueOfMessage(made)
}

func (f *filler) implementation(accepts string, field protoreflect.FieldDescriptor) proto.Message {
	switch {
	case strings.HasSuffix(accepts, "PubKey"):
		return ed25519.GenPrivKeyFromSecret(f.who).PubKey().(*ed25519.PubKey)
	case strings.HasSuffix(accepts, "Authorization"):
		return authz.NewGenericAuthorization(sdk.MsgTypeURL(&banktypes.MsgSend{}))
	case strings.HasSuffix(accepts, "FeeAllowanceI"):
		return &feegrant.BasicAllowance{}
	case strings.HasSuffix(accepts, "Evidence"):
		return &evidencetypes.Equivocation{Height: 1, Power: 1, Time: later, ConsensusAddress: sdk.ConsAddress(f.who).String()}
	case strings.HasSuffix(accepts, "Content"):
		return &govv1beta1.TextProposal{Title: "text", Description: "text"}
	case strings.HasSuffix(accepts, "Msg"), field.Name() == "messages", field.Name() == "msgs":
		return banktypes.NewMsgSend(f.who, f.who, sdk.NewCoins(sdk.NewInt64Coin(app.BaseDenom, 1)))
	default:
		return nil
	}
}
