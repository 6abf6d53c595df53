package netsim

import (
	"math/bits"
	"slices"
)

// set is a set of small numbers that finds the next one at or above another in two steps.
type set struct {
	words, words2 []uint64
	size          int
}

func newSet(n int) set {
	return set{words: make([]uint64, n/64+1), words2: make([]uint64, n/4096+1)}
}

// put adds or takes off a number.
func (s *set) put(i int, in bool) {
	word, bit := i/64, uint64(1)<<(i%64)
	if was := s.words[word]&bit != 0; was == in {
		return
	}
	if in {
		s.words[word] |= bit
		s.words2[word/64] |= 1 << (word % 64)
		s.size++
		return
	}
	s.words[word] &^= bit
	if s.words[word] == 0 {
		s.words2[word/64] &^= 1 << (word % 64)
	}
	s.size--
}

// next is the lowest number from i on, or -1.
func (s *set) next(i int) int {
	word := i / 64
	if word >= len(s.words) {
		return -1
	}
	if rest := s.words[word] >> (i % 64); rest != 0 {
		return i + bits.TrailingZeros64(rest)
	}
	word++
	for above := word / 64; above < len(s.words2); above++ {
		rest := s.words2[above]
		if above == word/64 {
			rest &= ^uint64(0) << (word % 64)
		}
		if rest != 0 {
			word = above*64 + bits.TrailingZeros64(rest)
			return word*64 + bits.TrailingZeros64(s.words[word])
		}
	}
	return -1
}

// shelf holds some devices in the order of load, price and number.
type shelf struct {
	// devices by price and number, for good.
	devices []int32
	// free: by load, which of them have it and are free.
	free [datacentreLanes]set
}

// sortByPrice orders devices by price and number.
func sortByPrice(v *view, devices []int32) {
	slices.SortFunc(devices, func(a, b int32) int {
		if v.devices[a].price != v.devices[b].price {
			return int(v.devices[a].price - v.devices[b].price)
		}
		return int(a - b)
	})
}

func newShelf(v *view, devices []int32) *shelf {
	sortByPrice(v, devices)
	s := &shelf{devices: devices}
	for load := range s.free {
		s.free[load] = newSet(len(devices))
	}
	return s
}

// put says whether the device at a place of the shelf is free, and what load it has.
func (s *shelf) put(rank int32, free bool, load uint8) {
	for level := range s.free {
		s.free[level].put(int(rank), free && int(load) == level)
	}
}

// each shows the free devices in order until it is told to stop; it says whether it was.
func (s *shelf) each(visit func(int32) bool) bool {
	for level := range s.free {
		for rank := s.free[level].next(0); rank >= 0; rank = s.free[level].next(rank + 1) {
			if visit(s.devices[rank]) {
				return true
			}
		}
	}
	return false
}
