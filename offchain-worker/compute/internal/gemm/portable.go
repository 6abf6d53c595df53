package gemm

// Portable is the engine for every platform, in plain Go. One 64-bit multiplication makes two products: a right word is
// b0 + b1·2^32, so that a·word summed over the depth is S0 + S1·2^32 with both sums below 2^31 in magnitude, and S0 is the
// low half read as a signed number. A tile is 4 rows by 2 columns, one word wide.
func Portable() Engine {
	return &kernel[uint64]{
		name: "portable", rows: 4, cols: 2,
		leftSize:  func(depth int) int { return depth },
		rightSize: func(depth int) int { return depth },
		packLeft:  packByte,
		packRight: packLanes,
		tile:      tilePortable,
	}
}

// packByte interleaves up to four rows: a word holds their values at one depth, the first row in the low byte.
func packByte(panel []uint32, m Matrix, from, count int) {
	for i := range count {
		shift := 8 * i
		for k, v := range m.row(from + i) {
			panel[k] |= uint32(uint8(v)) << shift
		}
	}
}

// packLanes makes b0 + b1·2^32 of two rows.
func packLanes(panel []uint64, m Matrix, from, count int) {
	for i := range count {
		shift := 32 * i
		for k, v := range m.row(from + i) {
			panel[k] += uint64(int64(v)) << shift
		}
	}
}

func tilePortable(left []uint32, right []uint64, c []int32, stride int) {
	var s0, s1, s2, s3 int64
	left = left[:len(right)]
	for k, word := range right {
		w, v := int64(word), left[k]
		s0 += int64(int8(v)) * w
		s1 += int64(int8(v>>8)) * w
		s2 += int64(int8(v>>16)) * w
		s3 += int64(int8(v>>24)) * w
	}
	addLanes(c, s0)
	addLanes(c[stride:], s1)
	addLanes(c[2*stride:], s2)
	addLanes(c[3*stride:], s3)
}

func addLanes(c []int32, sum int64) {
	low := int32(sum)
	c[0] += low
	c[1] += int32((sum - int64(low)) >> 32)
}
