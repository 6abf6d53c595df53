package keeper

import (
	"context"
	"crypto/sha256"
	"reflect"
	"strings"
	"sync"

	"github.com/cosmos/gogoproto/proto"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/runtime/protoiface"
	"google.golang.org/protobuf/types/dynamicpb"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/dao/types"
)

// A module's parameters are replaced by its message MsgUpdateParams and read by its query Params. The new values are in the
// message's field params or, in one module of the SDK, in the message itself.
const (
	updateParams = "MsgUpdateParams"
	paramsField  = "params"
)

// renamed maps fields of messages without a field params to what the answer of the query calls them.
var renamed = map[protoreflect.Name]protoreflect.Name{"auth": "authority"}

// change is a replacement of a module's parameters.
type change struct {
	// message is the full name of the message.
	message           string
	present, proposed protoreflect.Message
	// hash of the present parameters.
	hash []byte
}

// isUpdate tells whether a message replaces a module's parameters.
func isUpdate(typeURL string) bool {
	return strings.HasSuffix(typeURL, "."+updateParams)
}

// change reads what a message would replace.
func (k *Keeper) change(ctx context.Context, msg sdk.Msg) (c change, err error) {
	c.message = proto.MessageName(msg)
	answer, err := k.query(ctx, strings.TrimSuffix(c.message, updateParams))
	if err != nil {
		return c, err
	}
	raw, err := proto.Marshal(answer)
	if err != nil {
		return c, types.ErrProposal.Wrapf("%s: its present parameters can't be encoded", c.message)
	}
	hash := sha256.Sum256(raw)
	c.hash = hash[:]
	response, err := mirror(answer)
	if err != nil {
		return c, err
	}
	message, err := mirror(msg)
	if err != nil {
		return c, err
	}
	params := response.Descriptor().Fields().ByName(paramsField)
	if params == nil || params.Message() == nil {
		return c, types.ErrProposal.Wrapf("%s: the query for its parameters does not return any", c.message)
	}
	c.present, c.proposed = response.Get(params).Message(), message
	if field := message.Descriptor().Fields().ByName(paramsField); field != nil && field.Message() != nil {
		c.proposed = message.Get(field).Message()
		return c, nil
	}
	c.present = rearranged(c.present, message)
	return c, nil
}

// rearranged puts present parameters into the fields of a message that has them among its own. Fields that the parameters
// don't have, as the signer, are those of the message.
func rearranged(params, message protoreflect.Message) protoreflect.Message {
	present := message.Type().New()
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		name := field.Name()
		if other, ok := renamed[name]; ok {
			name = other
		}
		from := params.Descriptor().Fields().ByName(name)
		if from == nil || from.Kind() != field.Kind() || from.Cardinality() != field.Cardinality() {
			if message.Has(field) {
				present.Set(field, message.Get(field))
			}
			continue
		}
		if params.Has(from) {
			present.Set(field, params.Get(from))
		}
	}
	return present
}

// query asks the module of a package, such as assay.bond.v1., for its parameters.
func (k *Keeper) query(ctx context.Context, pkg string) (proto.Message, error) {
	handlers := k.ports.Queries.HybridHandlerByRequestName(pkg + "QueryParamsRequest")
	request, response := blank(pkg+"QueryParamsRequest"), blank(pkg+"QueryParamsResponse")
	if len(handlers) == 0 || request == nil || response == nil {
		return nil, types.ErrProposal.Wrapf("%s%s: there is no query for the present parameters", pkg, updateParams)
	}
	return response, handlers[0](ctx, request, response)
}

// blank makes an empty message of a registered type, nil when there is none of that name.
func blank(name string) protoiface.MessageV1 {
	registered := proto.MessageType(name)
	if registered == nil {
		return nil
	}
	message, ok := reflect.New(registered.Elem()).Interface().(protoiface.MessageV1)
	if !ok {
		return nil
	}
	return message
}

// schemas are those of all messages that are linked, put together once. The registry that they add themselves to leaves out
// what a file imports when the imported file was added later, and a message without its fields would not be guarded.
var schemas = sync.OnceValues(proto.MergedRegistry)

// mirror reads a message through the descriptor of its schema. What the protobuf library says is not repeated, because its
// texts differ from build to build.
func mirror(msg proto.Message) (protoreflect.Message, error) {
	name := proto.MessageName(msg)
	files, err := schemas()
	if err != nil {
		return nil, types.ErrWiring.Wrap("the schemas of the linked messages don't fit together")
	}
	found, err := files.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil, types.ErrProposal.Wrapf("%s has no schema", name)
	}
	descriptor, ok := found.(protoreflect.MessageDescriptor)
	if !ok {
		return nil, types.ErrProposal.Wrapf("%s is no message", name)
	}
	raw, err := proto.Marshal(msg)
	if err != nil {
		return nil, types.ErrProposal.Wrapf("%s can't be encoded", name)
	}
	message := dynamicpb.NewMessage(descriptor)
	if err := protov2.Unmarshal(raw, message); err != nil {
		return nil, types.ErrProposal.Wrapf("%s can't be read by its schema", name)
	}
	return message, nil
}
