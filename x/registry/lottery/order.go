package lottery

import "slices"

// Order is the beginning of a random order of the places 0 to places − 1, every order equally likely: at most limit of them, none twice.
// Its work grows with the square of limit, not with places.
func (d Draw) Order(places uint64, limit uint32) []uint64 {
	count := min(places, uint64(limit))
	// A shuffle swaps the chosen place with the one whose turn it is. moved holds the swaps, so that nothing of the size of places is made.
	type swap struct{ at, holds uint64 }
	var moved []swap
	find := func(at uint64) (int, uint64) {
		i := slices.IndexFunc(moved, func(s swap) bool { return s.at == at })
		if i < 0 {
			return i, at
		}
		return i, moved[i].holds
	}
	order := make([]uint64, 0, count)
	for turn := range count {
		at := turn + d.under(turn, places-turn)
		i, chosen := find(at)
		_, displaced := find(turn)
		if i < 0 {
			moved = append(moved, swap{at, displaced})
		} else {
			moved[i].holds = displaced
		}
		order = append(order, chosen)
	}
	return order
}

// under is a number below n for a turn; n is not 0. Its bias is below n / 2^64.
func (d Draw) under(turn, n uint64) uint64 {
	sum := d.hash(shuffle, turn)
	var value uint64
	for _, b := range sum[:8] {
		value = value<<8 | uint64(b)
	}
	return value % n
}
