package records

import "context"

type Ranger interface{ Bounds() }

type Map struct{}

func (Map) Walk(ctx context.Context, ranger Ranger, walk func(uint64) (bool, error)) error {
	return nil
}

func (Map) Iterate(ctx context.Context, ranger Ranger) error { return nil }

func (Map) IterateRaw(ctx context.Context, start, end []byte) error { return nil }

func (Map) Clear(ctx context.Context, ranger Ranger) error { return nil }

type Store struct{}

func (Store) Iterator(start, end []byte) error { return nil }

func (Store) ReverseIterator(start, end []byte) error { return nil }

// Ratio and Half stand for another module's floating point.
type Ratio float64

const Half = 0.5

func Share() float64 { return Half }

func Count(by float32, name string) {}
