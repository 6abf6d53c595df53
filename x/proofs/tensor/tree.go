package tensor

import (
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/assaychain/assay/x/proofs/program"
)

const (
	// Depth is the number of levels above the leaves.
	Depth = 4
	// digitBits is how many bits of a row's index a level consumes.
	digitBits = 4
)

// emptyNodes[l] is the root of a subtree of height l without rows.
var emptyNodes = computeEmptyNodes()

func computeEmptyNodes() [Depth + 1]fr.Element {
	var nodes [Depth + 1]fr.Element
	for level := 1; level <= Depth; level++ {
		var children [Width]fr.Element
		for i := range children {
			children[i] = nodes[level-1]
		}
		nodes[level] = Compress(children)
	}
	return nodes
}

// rowSlots are the 16 inputs of the digest of a row of a folded tensor. A row that is wider than they hold would lose values unseen: it must
// not come here.
func (t *Tensor) rowSlots(row uint32) [Width]fr.Element {
	if err := t.Shape.ValidateTree(); err != nil {
		panic(err)
	}
	if t.Folds() != 1 {
		panic("a row that takes several leaves is hashed in parts")
	}
	layout := LayoutOf(t.Shape)
	elements := t.rowElements(row, layout.PerElement)
	slots := [Width]fr.Element{fr.NewElement(layout.Header)}
	for chunk := range layout.Chunks {
		slots[1+chunk] = Compress(chunkOf(elements, chunk))
	}
	if kept := int(Width * layout.Chunks); kept < len(elements) {
		copy(slots[1+layout.Chunks:], elements[kept:])
	}
	if t.Kind == program.TENSOR_KIND_WEIGHT {
		slots[TrailerSlot] = Trailer(t.Bias[row], t.Multiplier[row])
	}
	return slots
}

// chunkOf is 16 elements of a row, zero filled past its end.
func chunkOf(elements []fr.Element, chunk uint32) [Width]fr.Element {
	var out [Width]fr.Element
	if start := int(Width * chunk); start < len(elements) {
		copy(out[:], elements[start:])
	}
	return out
}

// RowDigest is one leaf: the digest of a row of the folded tensor, which must have that row and whose shape must pass ValidateTree. Rows are
// independent of each other, so callers outside of consensus may compute them concurrently and continue with RootFromRowDigests or NewTree.
func (t *Tensor) RowDigest(leaf uint32) fr.Element {
	return Compress(t.Folded().rowSlots(leaf))
}

// RowDigests are the leaves of all rows of the folded tensor, one after the other.
func (t *Tensor) RowDigests() []fr.Element {
	folded := t.Folded()
	out := make([]fr.Element, folded.Rows)
	for row := range out {
		out[row] = Compress(folded.rowSlots(uint32(row)))
	}
	return out
}

// Root is the commitment of a tensor that a tree holds.
func Root(t *Tensor) (fr.Element, error) {
	if err := t.ValidateTree(); err != nil {
		return fr.Element{}, err
	}
	return RootFromRowDigests(t.RowDigests())
}

// RootFromRowDigests is the commitment of a tensor with these leaves.
func RootFromRowDigests(leaves []fr.Element) (fr.Element, error) {
	tree, err := NewTree(leaves)
	if err != nil {
		return fr.Element{}, err
	}
	return tree.Root(), nil
}

// Tree is the commitment tree of a tensor. It is read-only once it is built.
type Tree struct {
	// levels[0] are the row digests, levels[Depth] the root alone.
	levels [Depth + 1][]fr.Element
}

// NewTree builds the tree over 1 to MaxLeaves row digests.
func NewTree(leaves []fr.Element) (*Tree, error) {
	if len(leaves) < 1 || len(leaves) > MaxLeaves {
		return nil, fmt.Errorf("%w: rows %d not in 1..%d", ErrShape, len(leaves), MaxLeaves)
	}
	tree := &Tree{}
	tree.levels[0] = leaves
	for level := 1; level <= Depth; level++ {
		nodes := make([]fr.Element, ceilDiv(uint32(len(tree.levels[level-1])), Width))
		for i := range nodes {
			nodes[i] = Compress(tree.children(level, uint32(i)))
		}
		tree.levels[level] = nodes
	}
	return tree, nil
}

// Root is the commitment.
func (t *Tree) Root() fr.Element { return t.levels[Depth][0] }

// children are the 16 inputs of a node, absent subtrees included.
func (t *Tree) children(level int, index uint32) [Width]fr.Element {
	var out [Width]fr.Element
	below := t.levels[level-1]
	for i := range out {
		out[i] = emptyNodes[level-1]
		if child := int(index)*Width + i; child < len(below) {
			out[i] = below[child]
		}
	}
	return out
}

// Path leads from a row of a folded tensor to the root: for each level, from the leaves up, the 16 children of the node passed.
type Path [Depth][Width]fr.Element

// Path of a row of the folded tensor.
func (t *Tree) Path(row uint32) (Path, error) {
	var path Path
	if int(row) >= len(t.levels[0]) {
		return path, fmt.Errorf("%w: row %d of %d", ErrPosition, row, len(t.levels[0]))
	}
	for level := range Depth {
		path[level] = t.children(level+1, row>>(digitBits*(level+1)))
	}
	return path, nil
}

// Climb recomputes the root above a leaf. It is false when the leaf, or a node on the way, is not the child that the
// path names, or the row lies outside of the tree.
func (p Path) Climb(row uint32, leaf fr.Element) (fr.Element, bool) {
	if row >= MaxLeaves {
		return fr.Element{}, false
	}
	for level := range Depth {
		digit := row >> (digitBits * level) % Width
		if !p[level][digit].Equal(&leaf) {
			return fr.Element{}, false
		}
		leaf = Compress(p[level])
	}
	return leaf, true
}

// Compressions is how many hash compressions the root of a tensor of a valid shape takes: what committing to it costs.
func Compressions(s Shape) uint64 {
	leaves := uint64(s.Folded().Rows)
	total, nodes := leaves*RowCompressions(s), leaves
	for range Depth {
		nodes = (nodes + Width - 1) / Width
		total += nodes
	}
	return total
}

// RowCompressions is how many hash compressions one leaf takes.
func RowCompressions(s Shape) uint64 { return 1 + uint64(LayoutOf(s).Chunks) }
