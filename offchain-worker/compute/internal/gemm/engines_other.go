//go:build !amd64 && !arm64

package gemm

// Engines are those that this processor runs, the fastest first.
func Engines() []Engine { return []Engine{Portable()} }
