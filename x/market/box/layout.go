// Package box is the form in which an output that is too large for a transaction is handed over: a sealed box of chunks that can be
// opened one by one, with the whole commitment tree of the output inside. Whoever can open the box finds, if it isn't the proven
// output, one local fault, and a chunk or two of it show that fault to everyone. No step needs the worker (the proof of misbehaviour of
// Dziembowski, Eckey and Faust, FairSwap, CCS 2018). It is pure: no state, no SDK, integers only.
package box

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/nacl/secretbox"

	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	// chunkTarget is what chunks of rows hold at most, in bytes, unless a single row is longer.
	chunkTarget = 4096
	// nodesPerChunk is how many row digests, or nodes of the tree's level 1, a chunk holds: whole groups of 16, so that the children of a node
	// lie in one chunk.
	nodesPerChunk = 128
	// Overhead is what sealing adds to a chunk: the tag.
	Overhead = secretbox.Overhead
	// MaxChunk is the size of the largest sealed chunk in bytes: the upper nodes of the fullest tree.
	MaxChunk = (tensor.MaxLeaves/256+tensor.MaxLeaves/4096)*tensor.RootSize + Overhead
)

var (
	// ErrShape is wrapped by every refusal of a tensor that has no box.
	ErrShape = errors.New("no box for this tensor")
	// ErrFault is wrapped by every refusal of a fault that the box can't have, or whose chunks don't fit it.
	ErrFault = errors.New("invalid fault")
	// ErrBox is wrapped by every refusal of a box as a whole.
	ErrBox = errors.New("invalid box")
)

// Layout says which chunks the box of a tensor has. First come the rows of the folded tensor, whole, in order; then their digests, the leaves
// of the tree, 128 a chunk; then the nodes of the tree's level 1, likewise; the last chunk holds the nodes of the levels 2 and 3. The root
// itself is on the chain.
type Layout struct {
	shape               tensor.Shape
	rowBytes, rowsEach  uint32
	data, leaves, inner uint32
}

// LayoutOf is the layout of a plain tensor's box.
func LayoutOf(t program.Tensor) (Layout, error) {
	shape := tensor.Shape{Kind: t.Kind, Type: t.Type, Rows: t.Rows, Cols: t.Cols}
	if err := shape.ValidateTree(); err != nil {
		return Layout{}, fmt.Errorf("%w: %w", ErrShape, err)
	}
	if shape.Kind != program.TENSOR_KIND_PLAIN {
		return Layout{}, fmt.Errorf("%w: kind is %s, results are plain", ErrShape, shape.Kind)
	}
	shape = shape.Folded()
	l := Layout{shape: shape, rowBytes: tensor.RowBytes(shape)}
	l.rowsEach = max(1, chunkTarget/l.rowBytes)
	l.data = ceil(shape.Rows, l.rowsEach)
	l.leaves, l.inner = ceil(shape.Rows, nodesPerChunk), ceil(l.nodes(1), nodesPerChunk)
	return l, nil
}

func ceil(a, b uint32) uint32 { return (a + b - 1) / b }

// Shape is that of the folded tensor, whose rows the box holds.
func (l Layout) Shape() tensor.Shape { return l.shape }

// Chunks is how many chunks the box has.
func (l Layout) Chunks() uint32 { return l.top() + 1 }

// firstInner is the first chunk with nodes of level 1, top the one with the upper nodes.
func (l Layout) firstInner() uint32 { return l.data + l.leaves }
func (l Layout) top() uint32        { return l.firstInner() + l.inner }

// PlainSize is how many bytes the chunk holds; the chunk must be one of the box.
func (l Layout) PlainSize(chunk uint32) uint32 {
	switch {
	case chunk < l.data:
		return min(l.rowsEach, l.shape.Rows-chunk*l.rowsEach) * l.rowBytes
	case chunk < l.firstInner():
		return l.group(0, chunk-l.data)
	case chunk < l.top():
		return l.group(1, chunk-l.firstInner())
	default:
		return (l.nodes(2) + l.nodes(3)) * tensor.RootSize
	}
}

// group is how many bytes a chunk's nodes of a level take; the chunk is counted among those of the level.
func (l Layout) group(level int, chunk uint32) uint32 {
	return min(nodesPerChunk, l.nodes(level)-chunk*nodesPerChunk) * tensor.RootSize
}

// Size is how many bytes the sealed chunk has.
func (l Layout) Size(chunk uint32) uint32 { return l.PlainSize(chunk) + Overhead }

// nodes is how many nodes of a level hold rows.
func (l Layout) nodes(level int) uint32 { return tensor.LevelSize(l.shape.Rows, level) }

// Offset is where the sealed chunk begins in the box, in bytes.
func (l Layout) Offset(chunk uint32) uint64 {
	rows := uint64(min(l.shape.Rows, min(chunk, l.data)*l.rowsEach))
	offset := rows*uint64(l.rowBytes) + uint64(chunk)*Overhead
	if chunk > l.data {
		offset += uint64(min(l.shape.Rows, (chunk-l.data)*nodesPerChunk)) * tensor.RootSize
	}
	if chunk > l.firstInner() {
		offset += uint64(min(l.nodes(1), (chunk-l.firstInner())*nodesPerChunk)) * tensor.RootSize
	}
	return offset
}

// Bytes is the size of the whole box.
func (l Layout) Bytes() uint64 { return l.Offset(l.top()) + uint64(l.Size(l.top())) }

// Bytes is the size of the box of a tensor, which must be a valid plain one; 0 when it has none.
func Bytes(t program.Tensor) uint64 {
	l, err := LayoutOf(t)
	if err != nil {
		return 0
	}
	return l.Bytes()
}

// Cut cuts a whole box into its sealed chunks, which share its memory.
func (l Layout) Cut(sealed []byte) ([][]byte, error) {
	if uint64(len(sealed)) != l.Bytes() {
		return nil, fmt.Errorf("%w: %d bytes, this output's has %d", ErrBox, len(sealed), l.Bytes())
	}
	chunks := make([][]byte, l.Chunks())
	for i := range chunks {
		size := l.Size(uint32(i))
		chunks[i], sealed = sealed[:size:size], sealed[size:]
	}
	return chunks, nil
}
