package keeper

import (
	"context"

	"example.org/records"
)

type Keeper struct {
	jobs  records.Map
	store records.Store
	due   records.Ranger
}

func (k Keeper) EndBlocker(ctx context.Context) error {
	_ = k.jobs.Walk(ctx, nil, nil) // want `unbounded Walk in a block hook`
	_ = k.jobs.Walk(ctx, k.due, nil)
	run := k.expire
	return run(ctx)
}

// expire is reached through a variable.
func (k Keeper) expire(ctx context.Context) error {
	settle(ctx, k.jobs)
	return k.jobs.Clear(ctx, nil) // want `unbounded Clear`
}

func settle[M interface {
	Iterate(context.Context, records.Ranger) error
}](ctx context.Context, jobs M) {
	_ = jobs.Iterate(ctx, nil) // want `unbounded Iterate`
	deepest(ctx)
}

func deepest(ctx context.Context) {
	var k Keeper
	_ = k.jobs.IterateRaw(ctx, []byte{1}, nil) // want `unbounded IterateRaw`
	_ = k.jobs.IterateRaw(ctx, nil, []byte{9})
	_ = k.store.Iterator(nil, nil)              // want `unbounded Iterator`
	_ = k.store.ReverseIterator([]byte{1}, nil) // want `unbounded ReverseIterator`
	_ = k.store.Iterator(nil, []byte{9})
	func() {
		_ = k.jobs.Walk(ctx, nil, nil) // want `unbounded Walk`
	}()
	deepest(ctx)
}

func BeginBlock(ctx context.Context, k Keeper) error {
	return k.jobs.Walk(ctx, nil, nil) //lint:consensus holds at most one record
}

// ExportGenesis is no hook: it may walk everything.
func (k Keeper) ExportGenesis(ctx context.Context) error { return k.jobs.Walk(ctx, nil, nil) }
