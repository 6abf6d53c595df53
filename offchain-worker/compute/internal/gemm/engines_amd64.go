package gemm

import "golang.org/x/sys/cpu"

// Engines are those that this processor runs, the fastest first.
func Engines() []Engine {
	engines := []Engine{Portable()}
	if cpu.X86.HasAVX2 {
		engines = append([]Engine{avx2()}, engines...)
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VNNI {
		engines = append([]Engine{vnni()}, engines...)
	}
	return engines
}

// avx2 has tiles of 6×16 and groups of two values widened to int16.
func avx2() Engine {
	const rows, cols = 6, 16
	return &kernel[uint32]{
		name: "avx2", rows: rows, cols: cols,
		leftSize:  func(depth int) int { return rows * ceilDiv(depth, 2) },
		rightSize: func(depth int) int { return cols * ceilDiv(depth, 2) },
		packLeft:  func(panel []uint32, m Matrix, from, count int) { packPairs(panel, rows, m, from, count) },
		packRight: func(panel []uint32, m Matrix, from, count int) { packPairs(panel, cols, m, from, count) },
		tile: func(left, right []uint32, c []int32, stride int) {
			_ = c[(rows-1)*stride+cols-1]
			tileAVX2(&left[0], &right[0], len(left)/rows, &c[0], stride)
		},
	}
}

// vnni has tiles of 12×32 and groups of four bytes. The instruction takes unsigned bytes on one side: the right values are
// packed as v+128, and the left panel begins with the corrections, -128 times the sum of each row.
func vnni() Engine {
	const rows, cols = 12, 32
	return &kernel[uint32]{
		name: "avx512-vnni", rows: rows, cols: cols,
		leftSize:  func(depth int) int { return rows + rows*ceilDiv(depth, 4) },
		rightSize: func(depth int) int { return cols * ceilDiv(depth, 4) },
		packLeft: func(panel []uint32, m Matrix, from, count int) {
			packCorrections(panel[:rows], m, from, count)
			packQuads(panel[rows:], packing{width: rows}, m, from, count)
		},
		packRight: func(panel []uint32, m Matrix, from, count int) {
			packQuads(panel, packing{width: cols, flip: 0x80808080}, m, from, count)
		},
		tile: func(left, right []uint32, c []int32, stride int) {
			_ = c[(rows-1)*stride+cols-1]
			tileVNNI(&left[0], &right[0], len(left)/rows-1, &c[0], stride)
		},
	}
}

// packPairs interleaves rows by groups of two values as int16, zero after an odd depth.
func packPairs(panel []uint32, width int, m Matrix, from, count int) {
	for i := range count {
		row, at := m.row(from+i), i
		for ; len(row) >= 2; row = row[2:] {
			panel[at] = uint32(uint16(row[0])) | uint32(uint16(row[1]))<<16
			at += width
		}
		if len(row) == 1 {
			panel[at] = uint32(uint16(row[0]))
		}
	}
}

func packCorrections(header []uint32, m Matrix, from, count int) {
	for i := range count {
		var sum int32
		for _, v := range m.row(from + i) {
			sum += int32(v)
		}
		header[i] = uint32(-128 * sum)
	}
}
