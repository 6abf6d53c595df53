package compute

import (
	"context"
	"sync"
	"sync/atomic"
)

// pool runs the units of one computation on a bounded number of goroutines, heeds its context between units and adds up
// the progress.
type pool struct {
	ctx      context.Context
	threads  int
	progress Progress
	total    uint64

	mu   sync.Mutex
	done uint64
}

func newPool(ctx context.Context, threads int, progress Progress, total uint64) *pool {
	return &pool{ctx: ctx, threads: threads, progress: progress, total: total}
}

// run calls unit for 0 to n-1, each once, on all threads, and returns when all have ended. unit returns the
// multiply-accumulates that it did. The error is the context's; then some units have not run.
func (p *pool) run(n int, unit func(i int) uint64) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(p.threads, n) {
		wait.Go(func() {
			for p.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				p.report(unit(i))
			}
		})
	}
	wait.Wait()
	return p.ctx.Err()
}

func (p *pool) report(work uint64) {
	if p.progress == nil || work == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += work
	p.progress(p.done, p.total)
}
