package gemm

import "golang.org/x/sys/cpu"

// Engines are those that this processor runs, the fastest first.
func Engines() []Engine {
	if cpu.ARM64.HasASIMDDP {
		return []Engine{dot(), Portable()}
	}
	return []Engine{Portable()}
}

// dot has tiles of 8×12 and groups of four bytes: the instruction SDOT adds four products of signed bytes to each of four
// sums, which is exact.
func dot() Engine {
	const rows, cols = 8, 12
	return &kernel[uint32]{
		name: "neon-dot", rows: rows, cols: cols,
		leftSize:  func(depth int) int { return rows * ceilDiv(depth, 4) },
		rightSize: func(depth int) int { return cols * ceilDiv(depth, 4) },
		packLeft: func(panel []uint32, m Matrix, from, count int) {
			packQuads(panel, packing{width: rows}, m, from, count)
		},
		packRight: func(panel []uint32, m Matrix, from, count int) {
			packQuads(panel, packing{width: cols}, m, from, count)
		},
		tile: func(left, right []uint32, c []int32, stride int) {
			_ = c[(rows-1)*stride+cols-1]
			tileDot(&left[0], &right[0], len(left)/rows, &c[0], stride)
		},
	}
}
