// Package gemm multiplies int8 matrices exactly, C = A·Bᵀ in int32, with micro-kernels for the processor at hand.
//
// Both operands are copied into panels: as many rows of A, or of B, as a tile is high, or wide, interleaved by groups of
// values, in the order in which the micro-kernel reads them, and padded with zeros. A micro-kernel then computes one tile
// of C in registers from one panel of each. The depth is cut in blocks, so that a panel stays in the first-level cache.
//
// The package knows nothing of goroutines: packing and multiplying are cut in pieces that the caller may run in parallel.
package gemm

//go:generate sh -c "cd ../asm && go run . -out ../gemm/tile_amd64.s -stubs ../gemm/tile_amd64.go -pkg gemm"
