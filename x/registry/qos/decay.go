package qos

import "math/bits"

// fractionBits is how finely a half-life is divided: into 2^32 parts, so that no weight is off by a unit for it.
const fractionBits = 32

// roots are 2^(-1/2^k) for k = 1 to 32, times 2^63, rounded: what is left of a whole after a half of a half-life, a quarter, and
// so on. A test derives them anew.
var roots = [fractionBits]uint64{
	0x5a827999fcef3242, 0x6ba27e656b4eb57a, 0x75606373ee921c97, 0x7a92be8a92436616,
	0x7d41d96db915019d, 0x7e9f06067a4360ba, 0x7f4f08ae3dc7c426, 0x7fa765aca88f6453,
	0x7fd3ab290e46d769, 0x7fe9d3a8e07bf086, 0x7ff4e9597bed93ab, 0x7ffa748dff8dc61f,
	0x7ffd3a3f50020332, 0x7ffe9d1dbc0a75aa, 0x7fff4e8e6306ed59, 0x7fffa74712c3cdfd,
	0x7fffd3a381b1fa29, 0x7fffe9d1beed018a, 0x7ffff4e8defb81d7, 0x7ffffa746f5f012f,
	0x7ffffd3a37a7d0a8, 0x7ffffe9d1bd1fc58, 0x7fffff4e8de8832d, 0x7fffffa746f422d7,
	0x7fffffd3a37a09bb, 0x7fffffe9d1bd02f2, 0x7ffffff4e8de80fe, 0x7ffffffa746f4060,
	0x7ffffffd3a37a028, 0x7ffffffe9d1bd012, 0x7fffffff4e8de809, 0x7fffffffa746f404,
}

// Decay is what is left of a weight after elapsed seconds, of which halfLife halve it: rounded down, never more after longer, and exactly
// half after each whole half-life. A half-life of 0 leaves nothing.
func Decay(weight uint32, elapsed, halfLife uint64) uint32 {
	if halfLife == 0 {
		return 0
	}
	halvings := elapsed / halfLife
	if halvings >= fractionBits {
		return 0
	}
	return uint32(left(elapsed%halfLife, halfLife, weight) >> halvings)
}

// left is weight × 2^(-part/whole), rounded down; part is less than whole.
func left(part, whole uint64, weight uint32) uint64 {
	// part·2^32/whole is below 2^32, since part is below whole.
	hi, lo := bits.Mul64(part, 1<<fractionBits)
	fraction, _ := bits.Div64(hi, lo, whole)
	value := uint64(weight) << (63 - fractionBits)
	for k, root := range roots {
		if fraction>>(fractionBits-1-k)&1 == 1 {
			hi, lo := bits.Mul64(value, root)
			value = hi<<1 | lo>>63
		}
	}
	return value >> (63 - fractionBits)
}
