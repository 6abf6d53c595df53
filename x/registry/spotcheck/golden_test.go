package spotcheck

// golden is seed, commitment, root of the last product, and positions of TestGoldenVector.
var golden = []string{
	"e254674887e3bd8d7cb97c16c22e9d0685150909818e4005d7476a2cd29d9a22",
	"1334bd44fdeac13cdd0dc4fa1ce08f680eb7ec78abcd72e20b644775e1289ce6",
	"71a8c6816236768cd37689b388aa26ce765f3ecd5f0e1771d067b5af22e182b7",
	"[{0 9 36} {1 10 11} {2 6 48} {1 22 40}]",
}
