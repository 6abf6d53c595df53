//go:build amd64 || arm64

package gemm

// packing says how packQuads lays out a panel: its width in rows, and the bits to flip in each group of four bytes.
type packing struct {
	width int
	flip  uint32
}

// packQuads interleaves rows by groups of four bytes. Values past the depth are zero before the flip: on the right they may
// be anything, since on the left, which is not flipped, they are zero.
func packQuads(panel []uint32, to packing, m Matrix, from, count int) {
	for i := range count {
		row, at := m.row(from+i), i
		for ; len(row) >= 4; row = row[4:] {
			panel[at] = quad(row[0], row[1], row[2], row[3]) ^ to.flip
			at += to.width
		}
		if len(row) > 0 {
			var rest [4]int8
			copy(rest[:], row)
			panel[at] = quad(rest[0], rest[1], rest[2], rest[3]) ^ to.flip
		}
	}
}

func quad(a, b, c, d int8) uint32 {
	return uint32(uint8(a)) | uint32(uint8(b))<<8 | uint32(uint8(c))<<16 | uint32(uint8(d))<<24
}
