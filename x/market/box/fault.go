package box

import (
	"bytes"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/tensor"
)

// Kind is a way in which a box can be false.
type Kind uint8

// The kinds, numbered as RelayFault in the schema.
const (
	// Unopened is a chunk that doesn't open.
	Unopened Kind = iota + 1
	// Node is a node of the tree that isn't the hash of its children; on the top level, the proven root itself.
	Node
	// Row is a row digest that isn't the hash of its row.
	Row
)

// Fault is one local fault of a box.
type Fault struct {
	Kind Kind
	// Level of a Node, 1 to tensor.Depth; 0 otherwise.
	Level uint32
	// Index of the chunk, of the node in its level, or of the row of the folded tensor.
	Index uint32
}

// Needs lists the chunks that show a fault, one or two; an error when a box of this layout can't have it.
func (l Layout) Needs(f Fault) ([]uint32, error) {
	if f.Kind != Node && f.Level != 0 {
		return nil, fmt.Errorf("%w: level is %d: only nodes have one", ErrFault, f.Level)
	}
	limit := l.Chunks()
	switch f.Kind {
	case Unopened:
	case Row:
		limit = l.shape.Rows
	case Node:
		if f.Level < 1 || f.Level > tensor.Depth {
			return nil, fmt.Errorf("%w: level is %d: it must be from 1 to %d", ErrFault, f.Level, tensor.Depth)
		}
		limit = l.nodes(int(f.Level))
	default:
		return nil, fmt.Errorf("%w: kind is %d: there is none such", ErrFault, f.Kind)
	}
	if f.Index >= limit {
		return nil, fmt.Errorf("%w: index is %d: it must be below %d", ErrFault, f.Index, limit)
	}
	return l.places(f), nil
}

// places are the chunks of a fault that the box can have.
func (l Layout) places(f Fault) []uint32 {
	switch {
	case f.Kind == Unopened:
		return []uint32{f.Index}
	case f.Kind == Row:
		return []uint32{f.Index / l.rowsEach, l.data + f.Index/nodesPerChunk}
	case f.Level == 1:
		return []uint32{l.data + f.Index*tensor.Width/nodesPerChunk, l.firstInner() + f.Index/nodesPerChunk}
	case f.Level == 2:
		return []uint32{l.firstInner() + f.Index*tensor.Width/nodesPerChunk, l.top()}
	default:
		return []uint32{l.top()}
	}
}

// Question is what decides about a fault that the opened chunks of Needs show: whether Digest is the hash of Row, or, when Row is nil,
// whether Node is the node of Level over Children.
type Question struct {
	Row, Digest []byte
	Level       int
	Children    [][]byte
	Node        []byte
}

// Ask cuts the question of a fault, which is a Node or a Row, out of the opened chunks of Needs. root is the proven root.
func (l Layout) Ask(f Fault, root []byte, opened [][]byte) (Question, error) {
	needs, err := l.Needs(f)
	if err != nil {
		return Question{}, err
	}
	if f.Kind == Unopened || len(opened) != len(needs) {
		return Question{}, fmt.Errorf("%w: %d opened chunks, %d show it", ErrFault, len(opened), len(needs))
	}
	for i, chunk := range needs {
		if len(opened[i]) != int(l.PlainSize(chunk)) {
			return Question{}, fmt.Errorf("%w: chunk %d has %d bytes", ErrFault, chunk, len(opened[i]))
		}
	}
	if f.Kind == Row {
		at := f.Index % l.rowsEach * l.rowBytes
		return Question{Row: opened[0][at : at+l.rowBytes], Digest: slot(opened[1], f.Index%nodesPerChunk)}, nil
	}
	q := Question{Level: int(f.Level), Node: root}
	first := f.Index * tensor.Width
	count := min(tensor.Width, l.nodes(int(f.Level)-1)-first)
	switch upper := opened[len(opened)-1]; f.Level {
	case 1:
		q.Children, q.Node = slots(opened[0], first%nodesPerChunk, count), slot(upper, f.Index%nodesPerChunk)
	case 2:
		q.Children, q.Node = slots(opened[0], first%nodesPerChunk, count), slot(upper, f.Index)
	case 3:
		q.Children, q.Node = slots(upper, first, count), slot(upper, l.nodes(2)+f.Index)
	default:
		q.Children = slots(upper, l.nodes(2), count)
	}
	return q, nil
}

func slot(chunk []byte, index uint32) []byte {
	return chunk[index*tensor.RootSize : (index+1)*tensor.RootSize]
}

func slots(chunk []byte, first, count uint32) [][]byte {
	out := make([][]byte, count)
	for i := range out {
		out[i] = slot(chunk, first+uint32(i))
	}
	return out
}

// RowMatches tells whether a digest is that of a row of the shape.
func RowMatches(s tensor.Shape, row, digest []byte) (bool, error) {
	own, err := tensor.DigestRow(s, row)
	if err != nil {
		return false, err
	}
	return bytes.Equal(tensor.EncodeRoot(own), digest), nil
}

// NodeMatches tells whether a node is that of a level over its children. Bytes that encode no node match nothing.
func NodeMatches(level int, children [][]byte, node []byte) (bool, error) {
	elements := make([]fr.Element, len(children))
	for i, child := range children {
		element, err := tensor.ParseRoot(child)
		if err != nil {
			return false, nil
		}
		elements[i] = element
	}
	own, err := tensor.Node(level, elements)
	if err != nil {
		return false, err
	}
	return bytes.Equal(tensor.EncodeRoot(own), node), nil
}

// holds answers a question.
func (q Question) holds(s tensor.Shape) (bool, error) {
	if q.Row != nil {
		return RowMatches(s, q.Row, q.Digest)
	}
	return NodeMatches(q.Level, q.Children, q.Node)
}

// Inspect opens a whole box and looks for a fault. Without one, the blob is the proven output: the tree binds every row to the root.
func (l Layout) Inspect(key [32]byte, root []byte, sealed [][]byte) (blob []byte, fault *Fault, err error) {
	if len(sealed) != int(l.Chunks()) {
		return nil, nil, fmt.Errorf("%w: %d chunks, this output's has %d", ErrBox, len(sealed), l.Chunks())
	}
	opened := make([][]byte, len(sealed))
	for i, chunk := range sealed {
		plain, ok := Open(key, uint32(i), chunk)
		if !ok || len(plain) != int(l.PlainSize(uint32(i))) {
			return nil, &Fault{Kind: Unopened, Index: uint32(i)}, nil
		}
		opened[i] = plain
	}
	if fault, err = l.firstFault(root, opened); fault != nil || err != nil {
		return nil, fault, err
	}
	return bytes.Join(opened[:l.data], nil), nil, nil
}

// firstFault asks from the root down to the rows.
func (l Layout) firstFault(root []byte, opened [][]byte) (*Fault, error) {
	for level := tensor.Depth; level >= 0; level-- {
		for i := range l.nodes(level) {
			fault := Fault{Kind: Node, Level: uint32(level), Index: i}
			if level == 0 {
				fault = Fault{Kind: Row, Index: i}
			}
			holds, err := l.answer(fault, root, opened)
			if err != nil {
				return nil, err
			}
			if !holds {
				return &fault, nil
			}
		}
	}
	return nil, nil
}

func (l Layout) answer(f Fault, root []byte, opened [][]byte) (bool, error) {
	var shown [][]byte
	for _, chunk := range l.places(f) {
		shown = append(shown, opened[chunk])
	}
	q, err := l.Ask(f, root, shown)
	if err != nil {
		return false, err
	}
	return q.holds(l.shape)
}
