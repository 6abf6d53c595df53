package full

import (
	"errors"
	"fmt"
	"math/bits"
)

const (
	// MaxDimension bounds M, N and K. With K at most 8192, int8 operands and biases below 2^30 every sum fits an int32.
	MaxDimension = 1 << 13
	// MaxProducts bounds the products over one weight tensor that one proof covers.
	MaxProducts = 64
	// maxLogBlock is the largest Layout.Block: half of the 26 variables of the largest tensor.
	maxLogBlock = 13
)

// ErrShape is wrapped by every refusal of dimensions; the message names the dimension and the limit.
var ErrShape = errors.New("invalid shape")

// Shape is that of a product Y (M×N) = X (M×K) · Wᵀ (W is N×K). For several products over one W, M is the largest.
type Shape struct {
	M, N, K uint32
}

// Validate refuses dimensions outside 1..MaxDimension.
func (s Shape) Validate() error {
	for _, d := range []struct {
		name  string
		value uint32
	}{{"m", s.M}, {"n", s.N}, {"k", s.K}} {
		if d.value < 1 || d.value > MaxDimension {
			return fmt.Errorf("%w: %s is %d, want 1..%d", ErrShape, d.name, d.value, MaxDimension)
		}
	}
	return nil
}

// Points is how many points of a reference string it takes to commit to the tensors and to prove: one more than the last
// index of an entry. It is 0 for an invalid shape. Every string has the 2^13 points that the rest of a proof takes.
func (s Shape) Points() int {
	if s.Validate() != nil {
		return 0
	}
	l := s.Layout()
	last := func(rows, cols uint32, log int) int { return int(rows-1)<<log + int(cols) }
	return max(last(s.M, s.K, l.K), last(s.N, s.K, l.K), last(s.M, s.N, l.N))
}

// The committed tensors of an argument, in the order in which every message lists them.
const (
	TensorX = iota
	TensorW
	TensorY
	// Tensors is how many there are.
	Tensors
)

// Layout are the numbers of variables of an argument. A tensor of R rows and C columns is the vector whose entry
// i·2^⌈log₂ C⌉ + j is its entry (i, j) and whose other entries are 0; its coefficients are those of a polynomial, lowest first.
type Layout struct {
	// M, N and K are the base-2 logarithms of the dimensions, rounded up.
	M, N, K int
	// Block is the logarithm of the length of a block: half of the variables of the largest tensor, rounded up.
	Block int
	// Small is the number of variables of the second sumcheck and of the opening: the most that a polynomial opened there
	// has, and at least 1.
	Small int
}

// Layout gives the layout of a valid shape.
func (s Shape) Layout() Layout {
	l := Layout{M: log(s.M), N: log(s.N), K: log(s.K)}
	l.Block = (max(l.K+l.M, l.K+l.N, l.M+l.N) + 1) / 2
	l.Small = max(l.Block, l.N, 1)
	return l
}

// Variables are those of a tensor.
func (l Layout) Variables(tensor int) int {
	return [Tensors]int{l.K + l.M, l.K + l.N, l.N + l.M}[tensor]
}

// Low is the number of a tensor's variables that lie within a block, the first ones. High is that of the others.
func (l Layout) Low(tensor int) int { return min(l.Block, l.Variables(tensor)) }

// High is the number of a tensor's variables beyond a block.
func (l Layout) High(tensor int) int { return l.Variables(tensor) - l.Low(tensor) }

// log is the base-2 logarithm, rounded up; n is at least 1.
func log(n uint32) int { return bits.Len32(n - 1) }

// Units is the cost of verifying a proof in microseconds on the reference machine, from BenchmarkVerify, rounded up; 0 for an
// invalid shape. It hardly depends on the shape: 80 µs for each variable of Layout.Small and 70 µs for each product.
func Units(s Shape, products int) uint64 {
	if s.Validate() != nil || products < 1 || products > MaxProducts {
		return 0
	}
	return unitsBase + unitsVariable*uint64(s.Layout().Small) + unitsProduct*uint64(products)
}

// StepUnits is the cost of verifying a step's proof in the units of Units, 0 for an invalid statement.
func StepUnits(s Step) uint64 {
	if s.Validate() != nil {
		return 0
	}
	l := s.Layout()
	return unitsBase + unitsProduct + unitsVariable*uint64(l.Small) + unitsColumn*uint64(l.Digits()+5) + unitsRows<<l.Width/1000
}

const (
	unitsBase     = 1700
	unitsVariable = 80
	unitsProduct  = 70
	// unitsColumn is for each commitment of a step beyond those of a product, unitsRows in nanoseconds for each row of the table.
	unitsColumn = 60
	unitsRows   = 250
)
