package openingtest

import (
	"crypto/sha256"
	"encoding/binary"
)

// source is a reproducible stream of numbers from a hash: the tree bans the library's random numbers outside of tests.
type source struct {
	state [sha256.Size]byte
	used  int
}

func newSource(seed uint64) *source {
	return &source{state: sha256.Sum256(binary.BigEndian.AppendUint64(nil, seed))}
}

func (s *source) next() uint64 {
	if s.used == sha256.Size {
		s.state, s.used = sha256.Sum256(s.state[:]), 0
	}
	n := binary.BigEndian.Uint64(s.state[s.used:])
	s.used += 8
	return n
}
