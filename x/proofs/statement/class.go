package statement

import (
	"strconv"

	"github.com/assaychain/assay/x/proofs/program"
)

// The classes of the circuit family: the widest inner dimension that each proves.
const (
	ClassSmall uint32 = 256
	ClassLarge uint32 = 1024
	ClassWide  uint32 = 2048
	ClassMax   uint32 = program.MaxInner
)

// Classes are all classes, ascending. A chain has a circuit of those only that its governance registered.
func Classes() []uint32 { return []uint32{ClassSmall, ClassLarge, ClassWide, ClassMax} }

// DefaultClasses are those that development networks have keys for unless they ask for more.
func DefaultClasses() []uint32 { return []uint32{ClassSmall, ClassLarge} }

// ClassFor is the smallest class that covers an inner dimension.
func ClassFor(k uint32) (uint32, error) {
	for _, class := range Classes() {
		if k >= 1 && k <= class {
			return class, nil
		}
	}
	return 0, refuse("k %d not in 1..%d", k, ClassMax)
}

// CircuitID names the circuit of a class in the registry of verifying keys: "opening-256", "opening-1024" and so on for each
// of Classes.
func CircuitID(class uint32) string {
	return "opening-" + strconv.FormatUint(uint64(class), 10)
}
