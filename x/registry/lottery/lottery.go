// Package lottery chooses the devices to check from a beacon round's randomness, every device equally often. It is pure: no state, no
// SDK, integers only.
//
// A draw hits one of the places at random. The devices of the one operator that holds it are checked together, so that no card serves
// two of them; for that an operator with many devices would be checked more often, wherefore a hit among m devices counts only once
// in m.
package lottery

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Draw is one of the draws of a round.
type Draw struct {
	// Randomness is the round's, Number the draw's among those of the round.
	Randomness []byte
	Number     uint32
}

// hash is the draw's randomness for a purpose.
func (d Draw) hash(purpose byte, number uint64) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("assay/registry/lottery/v1"))
	h.Write([]byte{purpose})
	h.Write(binary.BigEndian.AppendUint32(nil, d.Number))
	h.Write(binary.BigEndian.AppendUint64(nil, number))
	h.Write(d.Randomness)
	return [sha256.Size]byte(h.Sum(nil))
}

// below is a number below n, which is not 0. Its bias is below n / 2^64.
func (d Draw) below(purpose byte, n uint64) uint64 {
	sum := d.hash(purpose, 0)
	return binary.BigEndian.Uint64(sum[:]) % n
}

// The purposes of a draw's randomness.
const (
	hit byte = iota
	thin
	rank
	shuffle
)

// Place is the place that the draw hits, from 0 to places − 1; places is not 0.
func (d Draw) Place(places uint64) uint64 { return d.below(hit, places) }

// Together chooses which of an operator's places are checked when one of them was hit: all, or limit of them at random, the hit one
// among them; none where the hit doesn't count. Over all draws every place is chosen once in as many draws as there are places, whoever
// holds it. The result is in the order of the places given.
func (d Draw) Together(hit uint64, places []uint64, limit uint32) []uint64 {
	size := min(uint64(len(places)), uint64(limit))
	if size == 0 || d.below(thin, size) != 0 {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(places), func(p uint64) bool { return p == hit })
	slices.SortFunc(others, func(a, b uint64) int {
		x, y := d.hash(rank, a), d.hash(rank, b)
		return bytes.Compare(x[:], y[:])
	})
	chosen := append(others[:min(uint64(len(others)), size-1)], hit)
	slices.Sort(chosen)
	return chosen
}
