package box

import (
	"crypto/sha256"
	"encoding/binary"
)

// HashSize is the length of a box root and of the hashes of a path, in bytes.
const HashSize = sha256.Size

// MaxPath is the longest path of a chunk in hashes: the box of the largest output has some 66,000 chunks.
const MaxPath = 17

// The tags separate leaves, nodes and roots, so that none passes for another (RFC 6962 does so for the first two).
const (
	leafTag byte = iota
	nodeTag
	rootTag
)

// domain keeps hashes of boxes apart from all others.
const domain = "assay/market/box/v1"

// Hash is a node of the tree over a box's chunks.
type Hash = [HashSize]byte

func leafHash(index uint32, sealed []byte) Hash {
	h := sha256.New()
	h.Write([]byte{leafTag})
	h.Write([]byte(domain))
	h.Write(binary.BigEndian.AppendUint32(nil, index))
	h.Write(sealed)
	return Hash(h.Sum(nil))
}

func nodeHash(left, right Hash) Hash {
	buffer := append([]byte{nodeTag}, left[:]...)
	return sha256.Sum256(append(buffer, right[:]...))
}

func rootHash(chunks uint32, top Hash) Hash {
	buffer := append([]byte{rootTag}, domain...)
	buffer = binary.BigEndian.AppendUint32(buffer, chunks)
	return sha256.Sum256(append(buffer, top[:]...))
}

// levels are the hashes over the chunks from the leaves up to a single one. A node without a sibling moves up as it is.
func levels(chunks [][]byte) [][]Hash {
	level := make([]Hash, len(chunks))
	for i, chunk := range chunks {
		level[i] = leafHash(uint32(i), chunk)
	}
	all := [][]Hash{level}
	for len(level) > 1 {
		next := make([]Hash, (len(level)+1)/2)
		for i := range next {
			next[i] = level[2*i]
			if 2*i+1 < len(level) {
				next[i] = nodeHash(level[2*i], level[2*i+1])
			}
		}
		level = next
		all = append(all, level)
	}
	return all
}

// Root is the root of a box, over its sealed chunks; there is at least one.
func Root(chunks [][]byte) Hash {
	all := levels(chunks)
	return rootHash(uint32(len(chunks)), all[len(all)-1][0])
}

// Path leads from a chunk to the root: the siblings from below upwards.
func Path(chunks [][]byte, index uint32) [][]byte {
	var path [][]byte
	for _, level := range levels(chunks) {
		if sibling := index ^ 1; int(sibling) < len(level) {
			path = append(path, append([]byte(nil), level[sibling][:]...))
		}
		index /= 2
	}
	return path
}

// pathLength is how many siblings the chunk's path has.
func pathLength(chunks, index uint32) int {
	n := 0
	for ; chunks > 1; chunks, index = (chunks+1)/2, index/2 {
		if index^1 < chunks {
			n++
		}
	}
	return n
}

// Shows tells whether the path shows the sealed chunk under the root of a box of this layout.
func (l Layout) Shows(root Hash, chunk uint32, sealed []byte, path [][]byte) bool {
	count := l.Chunks()
	if chunk >= count || len(sealed) != int(l.Size(chunk)) || len(path) != pathLength(count, chunk) {
		return false
	}
	at, index := leafHash(chunk, sealed), chunk
	for left := count; left > 1; left, index = (left+1)/2, index/2 {
		if index^1 >= left {
			continue
		}
		if len(path[0]) != HashSize {
			return false
		}
		sibling := Hash(path[0])
		path = path[1:]
		if index%2 == 0 {
			at = nodeHash(at, sibling)
		} else {
			at = nodeHash(sibling, at)
		}
	}
	return rootHash(count, at) == root
}
