// Package messages knows every message and query of an application from its descriptors: which there are, who signs them,
// and how to make one that is well formed. A message that somebody adds is known here without being named.
package messages

import (
	"fmt"
	"slices"
	"strings"

	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	"github.com/cosmos/gogoproto/proto"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// All lists every message that a registry knows, by name.
func All(registry codectypes.InterfaceRegistry) []string {
	list := registry.ListImplementations(sdk.MsgInterfaceProtoName)
	slices.Sort(list)
	return list
}

// Own lists the messages of this project's modules.
func Own(registry codectypes.InterfaceRegistry) []string {
	return slices.DeleteFunc(All(registry), func(url string) bool { return !IsOwn(url) })
}

// IsOwn tells whether a message belongs to this project's modules.
func IsOwn(url string) bool { return strings.HasPrefix(url, "/assay.") }

// Module is the name of a message's or query's module: bond for /assay.bond.v1.MsgBond.
func Module(url string) string {
	parts := strings.Split(strings.TrimPrefix(url, "/"), ".")
	if len(parts) < 2 {
		return url
	}
	return parts[1]
}

// Descriptor describes a message.
func Descriptor(registry codectypes.InterfaceRegistry, url string) (protoreflect.MessageDescriptor, error) {
	found, err := registry.FindDescriptorByName(protoreflect.FullName(strings.TrimPrefix(url, "/")))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	descriptor, ok := found.(protoreflect.MessageDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no message", url)
	}
	return descriptor, nil
}

// Signers lists the fields of a message that say who signs it.
func Signers(registry codectypes.InterfaceRegistry, url string) ([]string, error) {
	descriptor, err := Descriptor(registry, url)
	if err != nil {
		return nil, err
	}
	return protov2.GetExtension(descriptor.Options(), msgv1.E_Signer).([]string), nil
}

// New makes an empty message.
func New(registry codectypes.InterfaceRegistry, url string) (sdk.Msg, error) {
	made, err := registry.Resolve(url)
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Decode makes a message of its bytes.
func Decode(registry codectypes.InterfaceRegistry, url string, raw []byte) (sdk.Msg, error) {
	message, err := New(registry, url)
	if err != nil {
		return nil, err
	}
	if err := proto.Unmarshal(raw, message); err != nil {
		return nil, fmt.Errorf("decode %s: %w", url, err)
	}
	return message, codectypes.UnpackInterfaces(message, registry)
}
