package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/pricing"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// QuoteSeconds is the length of a span: a quote holds as long at least.
const QuoteSeconds = registrytypes.HonouredSeconds

// offer is a price with what made it.
type offer struct {
	rate    math.Int
	factors pricing.Factors
}

// priceLease is the price of an hour: the lower of the prices by the present snapshot of demand and by the one before it. A quote
// is made from the present one, so that it holds until two more have been taken. A lease on demand starts, for the hours of the
// day, at the beginning of the snapshot's span.
func (k *Keeper) priceLease(ctx sdk.Context, params types.LeaseParams, p pricedLease) (offer, error) {
	present, err := k.priceBy(ctx, params, p, true)
	if err != nil {
		return present, err
	}
	previous, err := k.priceBy(ctx, params, p, false)
	if err != nil || present.rate.LTE(previous.rate) {
		return present, err
	}
	return previous, nil
}

// pricedLease is what a price depends on.
type pricedLease struct {
	device   registrytypes.Device
	tier     types.LeaseTier
	window   leases.Window
	onDemand bool
}

func (k *Keeper) priceBy(ctx sdk.Context, params types.LeaseParams, p pricedLease, present bool) (offer, error) {
	demand, err := k.demand(ctx)
	if err != nil {
		return offer{}, err
	}
	span, taken := demand.Span, demand.UtilisationBps
	if !present {
		span, taken = demand.PreviousSpan, demand.PreviousBps
	}
	tier, err := params.Tier(p.tier)
	if err != nil {
		return offer{}, err
	}
	window := p.window
	if p.onDemand {
		shift := span*QuoteSeconds - window.Start
		window = leases.Window{Start: window.Start + shift, End: window.End + shift}
	}
	day, err := pricing.Day(params.Day(), window.Start, window.End)
	if err != nil {
		return offer{}, types.ErrLease.Wrapf("window: %s", err)
	}
	factors := pricing.Factors{
		Tier: tier, Day: day,
		Capability: pricing.Capability(p.device.MemoryMib, params.Reference(p.device.Class)),
		Demand:     pricing.Demand(utilisation(taken, p.device.Class), params.DemandLowBps, params.DemandHighBps),
	}
	return offer{pricing.Hourly(p.device.RentPrice(ctx.BlockTime().Unix()), factors), factors}, nil
}

func utilisation(taken []uint32, class registrytypes.DeviceClass) uint32 {
	if class < registrytypes.DEVICE_CLASS_CPU || int(class) > len(taken) {
		return 0
	}
	return taken[class-1]
}

func (k *Keeper) demand(ctx context.Context) (types.Demand, error) {
	demand, err := k.rent.demand.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Demand{}, nil
	}
	return demand, err
}

// snapshot measures the demand once a span.
func (k *Keeper) snapshot(ctx sdk.Context) error {
	demand, err := k.demand(ctx)
	if err != nil {
		return err
	}
	span := ctx.BlockTime().Unix() / QuoteSeconds
	if span <= demand.Span {
		return nil
	}
	demand.PreviousSpan, demand.PreviousBps = demand.Span, demand.UtilisationBps
	demand.Span, demand.UtilisationBps = span, nil
	for class := registrytypes.DEVICE_CLASS_CPU; class <= registrytypes.DEVICE_CLASS_DATACENTRE; class++ {
		forRent, rented, err := k.ports.Registry.Rentals(ctx, class)
		if err != nil {
			return err
		}
		demand.UtilisationBps = append(demand.UtilisationBps, pricing.Utilisation(forRent, rented))
		if err := k.measureBacklogs(ctx, class); err != nil {
			return err
		}
	}
	if demand.PreviousSpan == 0 {
		demand.PreviousSpan, demand.PreviousBps = demand.Span, demand.UtilisationBps
	}
	return k.rent.demand.Set(ctx, demand)
}
