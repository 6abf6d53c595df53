// Package collvalue encodes protobuf messages as values of the store.
package collvalue

import (
	collcodec "cosmossdk.io/collections/codec"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/gogoproto/proto"
)

// Message is a message with generated methods.
type Message[T any] interface {
	*T
	proto.Message
	Reset()
	Size() int
	MarshalToSizedBuffer([]byte) (int, error)
	Unmarshal([]byte) error
}

// Of is the codec of a message. It writes and reads the same bytes as codec.CollValue, which asks for a message's size twice and looks by
// reflection for interfaces in what it has read. A size costs as much as the bytes where there are amounts, whose text has to be made for it, and a
// block's assignments write thousands of those. Of a message with interfaces to unpack it is codec.CollValue itself.
func Of[T any, PT Message[T]](cdc codec.BinaryCodec) collcodec.ValueCodec[T] {
	sdks := codec.CollValue[T, PT](cdc)
	if _, ok := any(PT(new(T))).(codectypes.UnpackInterfacesMessage); ok {
		return sdks
	}
	return value[T, PT]{sdks}
}

type value[T any, PT Message[T]] struct{ collcodec.ValueCodec[T] }

// Encode is the message's bytes, never nil, which a store would refuse.
func (value[T, PT]) Encode(v T) ([]byte, error) {
	m := PT(&v)
	buf := make([]byte, m.Size())
	n, err := m.MarshalToSizedBuffer(buf)
	if err != nil {
		return nil, err
	}
	return buf[len(buf)-n:], nil
}

// Decode is the message of bytes.
func (value[T, PT]) Decode(b []byte) (v T, err error) {
	err = PT(&v).Unmarshal(b)
	return v, err
}
