#include "textflag.h"

// SDOT adds to the four sums of d the products of the four bytes of each word of n with word i of m: sdot vd.4s, vn.16b,
// vm.4b[i] (Arm Architecture Reference Manual, "SDOT (by element)"), which Go's assembler does not know.
#define SDOT(d, n, m, i) WORD $(0x4f80e000 | ((i)&1)<<21 | (m)<<16 | ((i)>>1)<<11 | (n)<<5 | (d))

// ROW multiplies one row, word i of register m, with the twelve columns in V27 to V29.
#define ROW(d, m, i) \
	SDOT(d, 27, m, i)       \
	SDOT((d + 1), 28, m, i) \
	SDOT((d + 2), 29, m, i)

// ADDROW adds three registers to a row of c and goes on to the next.
#define ADDROW(x, y, z) \
	VLD1 (R3), [V27.S4, V28.S4, V29.S4] \
	VADD x.S4, V27.S4, V27.S4           \
	VADD y.S4, V28.S4, V28.S4           \
	VADD z.S4, V29.S4, V29.S4           \
	VST1 [V27.S4, V28.S4, V29.S4], (R3) \
	ADD  R4, R3

// func tileDot(left *uint32, right *uint32, groups int, c *int32, stride int)
// V0 to V23 are the sums, three registers a row; V24 and V25 hold a group of the eight rows, V27 to V29 of the columns.
TEXT ·tileDot(SB), NOSPLIT, $0-40
	MOVD left+0(FP), R0
	MOVD right+8(FP), R1
	MOVD groups+16(FP), R2
	MOVD c+24(FP), R3
	MOVD stride+32(FP), R4
	LSL  $2, R4
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16
	VEOR V4.B16, V4.B16, V4.B16
	VEOR V5.B16, V5.B16, V5.B16
	VEOR V6.B16, V6.B16, V6.B16
	VEOR V7.B16, V7.B16, V7.B16
	VEOR V8.B16, V8.B16, V8.B16
	VEOR V9.B16, V9.B16, V9.B16
	VEOR V10.B16, V10.B16, V10.B16
	VEOR V11.B16, V11.B16, V11.B16
	VEOR V12.B16, V12.B16, V12.B16
	VEOR V13.B16, V13.B16, V13.B16
	VEOR V14.B16, V14.B16, V14.B16
	VEOR V15.B16, V15.B16, V15.B16
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	VEOR V18.B16, V18.B16, V18.B16
	VEOR V19.B16, V19.B16, V19.B16
	VEOR V20.B16, V20.B16, V20.B16
	VEOR V21.B16, V21.B16, V21.B16
	VEOR V22.B16, V22.B16, V22.B16
	VEOR V23.B16, V23.B16, V23.B16

group:
	VLD1.P 32(R0), [V24.B16, V25.B16]
	VLD1.P 48(R1), [V27.B16, V28.B16, V29.B16]
	ROW(0, 24, 0)
	ROW(3, 24, 1)
	ROW(6, 24, 2)
	ROW(9, 24, 3)
	ROW(12, 25, 0)
	ROW(15, 25, 1)
	ROW(18, 25, 2)
	ROW(21, 25, 3)
	SUBS $1, R2
	BNE  group
	ADDROW(V0, V1, V2)
	ADDROW(V3, V4, V5)
	ADDROW(V6, V7, V8)
	ADDROW(V9, V10, V11)
	ADDROW(V12, V13, V14)
	ADDROW(V15, V16, V17)
	ADDROW(V18, V19, V20)
	ADDROW(V21, V22, V23)
	RET
