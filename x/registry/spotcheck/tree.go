package spotcheck

import (
	"crypto/sha256"
	"math/bits"
)

// A matrix is committed to by one binary tree over its blocks in row-major order. A row is a subtree, so that a row as a whole and
// a single block open by paths of the same tree. Leaves are SHA-256(0 ‖ block), nodes SHA-256(1 ‖ left ‖ right).
const (
	leafTag byte = 0
	nodeTag byte = 1
)

func blockSize(size uint32) uint32 { return min(size, Block) }

// hasher reuses its buffer, so that hashing a row doesn't allocate for each block.
type hasher struct{ buffer [1 + Block]byte }

func (h *hasher) leaf(block []byte) Hash {
	h.buffer[0] = leafTag
	return sha256.Sum256(h.buffer[:1+copy(h.buffer[1:], block)])
}

func (h *hasher) node(left, right Hash) Hash {
	h.buffer[0] = nodeTag
	copy(h.buffer[1:], left[:])
	copy(h.buffer[1+HashSize:], right[:])
	return sha256.Sum256(h.buffer[:1+2*HashSize])
}

// leaves hashes a row's blocks.
func (h *hasher) leaves(row []byte) []Hash {
	block := int(blockSize(uint32(len(row))))
	hashes := make([]Hash, len(row)/block)
	for i := range hashes {
		hashes[i] = h.leaf(row[i*block : (i+1)*block])
	}
	return hashes
}

// up hashes a level, whose length is a power of two above 1, to the next.
func (h *hasher) up(level []Hash) []Hash {
	next := make([]Hash, len(level)/2)
	for i := range next {
		next[i] = h.node(level[2*i], level[2*i+1])
	}
	return next
}

// climb is the root over a leaf or a node with a path from below upwards.
func (h *hasher) climb(from Hash, index uint32, path []Hash) Hash {
	for _, sibling := range path {
		if index%2 == 0 {
			from = h.node(from, sibling)
		} else {
			from = h.node(sibling, from)
		}
		index /= 2
	}
	return from
}

// RowRoot is the root of a row's subtree. The row's length is a matrix's size.
func RowRoot(row []byte) Hash {
	var h hasher
	level := h.leaves(row)
	for len(level) > 1 {
		level = h.up(level)
	}
	return level[0]
}

// Tree is the upper part of a matrix's tree, above its rows.
type Tree struct{ levels [][]Hash }

// NewTree makes the tree over the roots of all rows.
func NewTree(rows []Hash) *Tree {
	var h hasher
	t := &Tree{levels: [][]Hash{rows}}
	for level := rows; len(level) > 1; {
		level = h.up(level)
		t.levels = append(t.levels, level)
	}
	return t
}

// Root is the matrix's root.
func (t *Tree) Root() Hash { return t.levels[len(t.levels)-1][0] }

// RowPath is the path from a row's root to the matrix's root.
func (t *Tree) RowPath(row uint32) []Hash { return siblings(t.levels, row) }

// BlockPath is the path from the block of a column to the matrix's root, given the whole row.
func (t *Tree) BlockPath(row, col uint32, bytes []byte) []Hash {
	var h hasher
	levels := [][]Hash{h.leaves(bytes)}
	for level := levels[0]; len(level) > 1; {
		level = h.up(level)
		levels = append(levels, level)
	}
	return append(siblings(levels, col/blockSize(uint32(len(bytes)))), t.RowPath(row)...)
}

// siblings collects a path below the last level, which is the root.
func siblings(levels [][]Hash, index uint32) []Hash {
	var path []Hash
	for _, level := range levels[:len(levels)-1] {
		path = append(path, level[index^1])
		index /= 2
	}
	return path
}

// depths are the lengths of a row's path and of a block's.
func depths(size uint32) (row, block int) {
	row = bits.Len32(size) - 1
	return row, row + bits.Len32(size/blockSize(size)) - 1
}
