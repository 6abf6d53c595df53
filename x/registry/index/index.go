// Package index orders the devices that can take a job. It is pure: no state, no SDK.
//
// Keys have a fixed width and compare as bytes in the order in which devices are offered: within a class and a cell the
// least loaded first, then the cheapest, then by id, so that the order is total.
package index

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// IDSize is the size of a device's id in bytes: a SHA-256.
	IDSize = 32
	// MaxPrice is the highest price a key can hold: 10^18.
	MaxPrice = 1_000_000_000_000_000_000
	// Size is the size of a key in bytes: class 4 ‖ cell 2 ‖ in use 4 ‖ price 8 ‖ id 32, numbers big-endian.
	Size = classSize + cellSize + inUseSize + priceSize + IDSize
	// Anywhere stands in the place of a cell for all of them: who doesn't mind where a device is finds it there.
	Anywhere = 0xffff

	classSize = 4
	cellSize  = 2
	inUseSize = 4
	priceSize = 8
)

// ErrKey marks an entry or a key that is out of bounds.
var ErrKey = errors.New("invalid device index key")

// Entry is what a device is ordered by.
type Entry struct {
	// Class is the device's class, a number from the registry's enumeration.
	Class uint32
	// Cell is where it is, a number of the grid, 0 when it was not told; or Anywhere.
	Cell uint16
	// InUse is how many jobs the device has.
	InUse uint32
	// Price is what it asks, from 0 to MaxPrice.
	Price uint64
	// ID is the device's id, IDSize bytes.
	ID []byte
}

// Encode returns the entry's key.
func (e Entry) Encode() ([]byte, error) {
	if len(e.ID) != IDSize {
		return nil, fmt.Errorf("%w: id of %d bytes: it must have %d", ErrKey, len(e.ID), IDSize)
	}
	if e.Price > MaxPrice {
		return nil, fmt.Errorf("%w: price %d: it must be at most %d", ErrKey, e.Price, uint64(MaxPrice))
	}
	key := make([]byte, 0, Size)
	key = binary.BigEndian.AppendUint32(key, e.Class)
	key = binary.BigEndian.AppendUint16(key, e.Cell)
	key = binary.BigEndian.AppendUint32(key, e.InUse)
	key = binary.BigEndian.AppendUint64(key, e.Price)
	return append(key, e.ID...), nil
}

// Decode reads a key back.
func Decode(key []byte) (Entry, error) {
	if len(key) != Size {
		return Entry{}, fmt.Errorf("%w: %d bytes: it must have %d", ErrKey, len(key), Size)
	}
	return Entry{
		Class: binary.BigEndian.Uint32(key),
		Cell:  binary.BigEndian.Uint16(key[classSize:]),
		InUse: binary.BigEndian.Uint32(key[classSize+cellSize:]),
		Price: binary.BigEndian.Uint64(key[classSize+cellSize+inUseSize:]),
		ID:    append([]byte(nil), key[Size-IDSize:]...),
	}, nil
}

// Prefix returns the bytes with which every key of a class and a cell begins.
func Prefix(class uint32, cell uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(nil, class), cell)
}
