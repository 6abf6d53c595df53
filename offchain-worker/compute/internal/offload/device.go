// Package offload computes on devices with a memory of their own: it cuts a product in panels that fit the device and in
// dispatches that take a fraction of a second, and ends steps of programs on the processor with the reference's functions.
// A back end supplies only a Device.
package offload

import "context"

// Side is one of a product's operands.
type Side uint8

// The two operands of C = A·Bᵀ.
const (
	A Side = iota
	B
)

// Device holds one panel of each operand and multiplies parts of them. Its methods are called one at a time.
type Device interface {
	// Load replaces the panel of a side. The values must not be kept after the call.
	Load(ctx context.Context, side Side, panel Panel) error
	// Multiply adds the products of a block's rows and columns to its entries, which start from zero where the block's depth does.
	// It returns when the device has finished.
	Multiply(ctx context.Context, block Block) error
	// Read returns the Rows x Cols entries of the last block, row major. They are valid until the next call.
	Read(ctx context.Context, block Block) ([]int32, error)
	// Recover makes the device usable again after one of the other calls failed with cause; its panels are lost. It returns the
	// reason, usually cause itself, if that can't be.
	Recover(ctx context.Context, cause error) error
	// Close frees the device.
	Close() error
}

// Panel is some rows of an operand, each padded with zeros to a whole number of words of Word values.
type Panel struct {
	// Rows is at least 1, Stride a multiple of Word.
	Rows, Stride int
	// Values has Rows x Stride values, row major.
	Values []int8
}

// Word is the number of int8 values that a device multiplies at a time.
const Word = 4

// Block is one dispatch: entries of the two panels' product, over a part of the inner dimension.
type Block struct {
	// Row and Col are the first entry, in rows of the panels of A and B.
	Row, Col int
	// Rows and Cols are the number of entries.
	Rows, Cols int
	// From and To bound the part of the inner dimension, in words.
	From, To int
}

// work is the number of multiply-accumulates.
func (b Block) work() uint64 { return uint64(b.Rows) * uint64(b.Cols) * uint64(b.To-b.From) * Word }

// Limits are what a device can hold.
type Limits struct {
	// PanelBytes bounds a panel.
	PanelBytes int
	// Entries bounds the entries of a block.
	Entries int
	// Tile is the height and width in entries that the device's kernel is made for; blocks are multiples of it, but for the last ones.
	Tile int
}
