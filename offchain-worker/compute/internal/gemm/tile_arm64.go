package gemm

// tileDot adds to c, rows of stride entries apart, the product of a left panel of 8 rows and a right panel of 12 columns,
// both in groups of four bytes, at least one.
//
//go:noescape
func tileDot(left *uint32, right *uint32, groups int, c *int32, stride int)
