package keeper

import (
	"context"

	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// present is what is the same for all of a block's assignments: the parameters and the market's clock.
type present struct {
	params types.Params
	now    uint64
}

// present reads the parameters and the clock, once.
func (s *scan) present(ctx context.Context) (*present, error) {
	if s.moment != nil {
		return s.moment, nil
	}
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	now, err := s.keeper.Now(ctx)
	if err != nil {
		return nil, err
	}
	s.moment = &present{params, now}
	return s.moment, nil
}

// queueOf names what waits for a class near a home.
type queueOf struct {
	class registrytypes.DeviceClass
	home  uint32
}

// rented reads the measurement of what is rented, once: it is taken before and after a block's assignments, not between them.
func (s *scan) rented(ctx context.Context) (types.Demand, error) {
	if s.demand != nil {
		return *s.demand, nil
	}
	demand, err := s.keeper.demand(ctx)
	if err == nil {
		s.demand = &demand
	}
	return demand, err
}

// queues reads the measurements of what waits, once: assignments change what waits, and not its measurements.
func (s *scan) queues(ctx context.Context, class registrytypes.DeviceClass, home uint32) (queued, error) {
	key := queueOf{class, home}
	if known, ok := s.waits[key]; ok {
		return known, nil
	}
	waits, err := s.keeper.queues(ctx, class, home)
	if err == nil {
		s.waits[key] = waits
	}
	return waits, err
}
