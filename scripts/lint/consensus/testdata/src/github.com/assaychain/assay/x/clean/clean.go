package clean

import (
	"context"
	"maps"
	"slices"
	"time"

	"example.org/records"
)

type keeper struct {
	jobs records.Map
	due  records.Ranger
	now  func() time.Time
}

func (k keeper) EndBlocker(ctx context.Context) error {
	return k.jobs.Walk(ctx, k.due, func(uint64) (bool, error) { return false, nil })
}

func sorted(values map[string]int) (sum int) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		sum += values[name]
	}
	for index := range 3 {
		sum += index
	}
	for _, value := range []int{1, 2} {
		sum += value
	}
	delete(values, "gone")
	return sum
}

func (k keeper) elapsed(block time.Time) time.Duration {
	return block.UTC().Sub(k.now()).Truncate(3 * time.Second)
}

func loop(channel chan int, values [4]uint64) (n int) {
	channel <- 1_000_000 / 3
	for value := range channel {
		n += value << 2
	}
	for range values {
		n++
	}
	return n
}
