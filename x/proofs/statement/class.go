package statement

import "strconv"

// The classes of the circuit family: the widest inner dimension that each proves.
const (
	ClassSmall uint32 = 256
	ClassLarge uint32 = 1024
)

// Classes are all classes, ascending.
func Classes() []uint32 { return []uint32{ClassSmall, ClassLarge} }

// ClassFor is the smallest class that covers an inner dimension.
func ClassFor(k uint32) (uint32, error) {
	switch {
	case k == 0:
		return 0, refuse("k is 0, want 1..%d", ClassLarge)
	case k <= ClassSmall:
		return ClassSmall, nil
	case k <= ClassLarge:
		return ClassLarge, nil
	default:
		return 0, refuse("k %d not in 1..%d", k, ClassLarge)
	}
}

// CircuitID names the circuit of a class in the registry of verifying keys: "opening-256" or "opening-1024".
func CircuitID(class uint32) string {
	return "opening-" + strconv.FormatUint(uint64(class), 10)
}
