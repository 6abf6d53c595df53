// Command asm writes the amd64 micro-kernels of package gemm. It is a module of its own, so that what it needs stays out
// of the main module; the code it writes is committed. From this folder:
//
//	go run . -out ../gemm/tile_amd64.s -stubs ../gemm/tile_amd64.go -pkg gemm
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const signature = "func(left, right *uint32, groups int, c *int32, stride int)"

func main() {
	ConstraintExpr("amd64")
	avx2()
	avx512()
	Generate()
}

// arguments are the registers of the common signature.
type arguments struct {
	left, right, groups, c, stride Register
}

func load() arguments {
	args := arguments{
		left:   Load(Param("left"), GP64()),
		right:  Load(Param("right"), GP64()),
		groups: Load(Param("groups"), GP64()),
		c:      Load(Param("c"), GP64()),
		stride: Load(Param("stride"), GP64()),
	}
	Comment("A row of c in bytes.")
	SHLQ(Imm(2), args.stride)
	return args
}

// repeat wraps body in a loop over the groups, of which there is at least one.
func repeat(args arguments, name string, body func()) {
	Label(name)
	body()
	DECQ(args.groups)
	JNZ(LabelRef(name))
}

// avx2 multiplies 6 rows by 16 columns. A group is a pair of values widened to 16 bits. VPMADDWD multiplies and adds a
// pair into 32 bits, which is exact even for four times -128; VPMADDUBSW, on bytes, would saturate.
func avx2() {
	const rows, vectors = 6, 2
	TEXT("tileAVX2", NOSPLIT, signature)
	Pragma("noescape")
	Doc("tileAVX2 adds to c, rows of stride entries apart, the product of a left panel of 6 rows and a right panel of 16", "columns, both in groups of two int16, at least one.")
	args := load()
	var acc [rows][vectors]VecVirtual
	for r := range acc {
		for v := range acc[r] {
			acc[r][v] = YMM()
			VPXOR(acc[r][v], acc[r][v], acc[r][v])
		}
	}
	repeat(args, "group", func() {
		right := [vectors]VecVirtual{YMM(), YMM()}
		for v, b := range right {
			VMOVDQU(Mem{Base: args.right, Disp: 32 * v}, b)
		}
		for r := range acc {
			left := YMM()
			VPBROADCASTD(Mem{Base: args.left, Disp: 4 * r}, left)
			for v, b := range right {
				product := left
				if v < vectors-1 {
					product = YMM()
				}
				VPMADDWD(b, left, product)
				VPADDD(product, acc[r][v], acc[r][v])
			}
		}
		ADDQ(Imm(4*rows), args.left)
		ADDQ(Imm(32*vectors), args.right)
	})
	for r := range acc {
		for v, sum := range acc[r] {
			at := Mem{Base: args.c, Disp: 32 * v}
			VPADDD(at, sum, sum)
			VMOVDQU(sum, at)
		}
		ADDQ(args.stride, args.c)
	}
	VZEROUPPER()
	RET()
}

// avx512 multiplies 12 rows by 32 columns. A group is four bytes. VPDPBUSD multiplies unsigned by signed bytes and adds
// the four products to 32 bits without saturation; the right panel's values come as v+128, and the left panel begins with
// -128 times the sum of each row, from which the accumulators start.
func avx512() {
	const rows, vectors = 12, 2
	TEXT("tileVNNI", NOSPLIT, signature)
	Pragma("noescape")
	Doc("tileVNNI adds to c, rows of stride entries apart, the product of a left panel of 12 rows, which begins with their", "corrections, and a right panel of 32 columns, both in groups of four bytes, at least one.")
	args := load()
	var acc [rows][vectors]VecVirtual
	for r := range acc {
		for v := range acc[r] {
			acc[r][v] = ZMM()
			VPBROADCASTD(Mem{Base: args.left, Disp: 4 * r}, acc[r][v])
		}
	}
	ADDQ(Imm(4*rows), args.left)
	repeat(args, "group", func() {
		right := [vectors]VecVirtual{ZMM(), ZMM()}
		for v, b := range right {
			VMOVDQU32(Mem{Base: args.right, Disp: 64 * v}, b)
		}
		for r := range acc {
			left := ZMM()
			VPBROADCASTD(Mem{Base: args.left, Disp: 4 * r}, left)
			for v, b := range right {
				VPDPBUSD(left, b, acc[r][v])
			}
		}
		ADDQ(Imm(4*rows), args.left)
		ADDQ(U32(64*vectors), args.right)
	})
	for r := range acc {
		for v, sum := range acc[r] {
			at := Mem{Base: args.c, Disp: 64 * v}
			VPADDD(at, sum, sum)
			VMOVDQU32(sum, at)
		}
		ADDQ(args.stride, args.c)
	}
	VZEROUPPER()
	RET()
}
