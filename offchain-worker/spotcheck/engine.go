// Package spotcheck answers the chain's spot checks of a worker's devices: it computes, commits, opens, and journals each answer before
// it is sent, so that a worker killed anywhere goes on after the next start.
package spotcheck

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/x/registry/spotcheck"
)

// Engine computes on a kernel, and makes matrices and hashes on threads of the processor; 0 is all of them. It ends with its context.
func Engine(ctx context.Context, kernel compute.Kernel, threads int) spotcheck.Engine {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	return spotcheck.Engine{
		Multiply: func(rows, size int, a, b []byte, sums []int32) error {
			return kernel.Product(ctx, compute.Product{M: rows, N: size, K: size, A: signed(a), B: signed(b), C: sums[:rows*size]}, nil)
		},
		Each: func(n int, do func(i int)) { each(ctx, threads, n, do) },
	}
}

// signed reads bytes as entries in two's complement, without a copy: the matrices are large.
func signed(bytes []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(bytes))), len(bytes))
}

// each calls do for 0 to n−1 on a number of threads. Once the context has ended it leaves the rest out; the next product fails then.
func each(ctx context.Context, threads, n int, do func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(threads, n) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wait.Wait()
}
