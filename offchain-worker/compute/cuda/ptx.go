package cuda

import _ "embed" // for the kernels

// The kernels are made from product.cu by clang 16, without a CUDA toolkit; a test makes them again and compares.
//
//go:generate clang-16 -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_61 -O3 -std=c++17 -S -o product_sm61.ptx product.cu
//go:generate clang-16 -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_80 -O3 -std=c++17 -S -o product_sm80.ptx product.cu
var (
	//go:embed product_sm61.ptx
	ptx61 string
	//go:embed product_sm80.ptx
	ptx80 string
)

// program is a kernel in PTX.
type program struct {
	name string
	// least is the compute capability that it needs.
	least capability
	// entry is its function in ptx.
	entry, ptx string
}

// programs are all kernels, the fastest first.
var programs = []program{
	{name: MMA, least: 80, entry: "product_mma", ptx: ptx80},
	{name: DP4A, least: 61, entry: "product_dp4a", ptx: ptx61},
}

// What the kernels expect, as in product.cu.
const (
	// tile is the side of a block's tile: the operands' numbers of rows are padded to multiples of it.
	tile = 128
	// slice is what rows are padded to, in bytes.
	slice = 64
	// blockThreads is the number of threads of a block.
	blockThreads = 256
)

// up rounds n up to a multiple of unit.
func up(n, unit int) int { return (n + unit - 1) / unit * unit }
