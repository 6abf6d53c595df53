package keeper

import (
	"context"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Lease returns one lease with its funds.
func (s queryServer) Lease(ctx context.Context, req *types.QueryLeaseRequest) (*types.QueryLeaseResponse, error) {
	lease, err := s.keeper.Lease(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	response := &types.QueryLeaseResponse{Lease: lease, Balance: sdk.NewCoin(params.Denom, math.ZeroInt())}
	if !lease.State.Machine().HoldsEscrow() {
		return response, nil
	}
	account, err := s.keeper.ports.Escrow.Account(ctx, types.LeaseScope, lease.Id)
	if err != nil {
		return nil, err
	}
	response.Balance.Amount = account.Balance
	dry, flowing, err := s.keeper.ports.Escrow.Runway(ctx, types.LeaseScope, lease.Id)
	if err != nil {
		return nil, err
	}
	if flowing {
		response.DryAt = &dry
	}
	return response, nil
}

// Leases lists leases, oldest first.
func (s queryServer) Leases(ctx context.Context, req *types.QueryLeasesRequest) (*types.QueryLeasesResponse, error) {
	if req.Pagination != nil && req.Pagination.Limit > MaxPage {
		return nil, types.ErrQuery.Wrapf("pagination.limit is %d: at most %d", req.Pagination.Limit, MaxPage)
	}
	switch {
	case req.Customer != "" && req.Operator != "":
		return nil, types.ErrQuery.Wrap("customer and operator exclude each other")
	case req.Customer != "":
		return s.leasesOf(ctx, s.keeper.rent.tenants, req.Customer, req)
	case req.Operator != "":
		return s.leasesOf(ctx, s.keeper.rent.landlords, req.Operator, req)
	}
	list, page, err := query.CollectionFilteredPaginate(ctx, s.keeper.rent.leases, req.Pagination,
		func(_ uint64, lease types.Lease) (bool, error) { return wantedLease(req, lease), nil },
		func(_ uint64, lease types.Lease) (types.Lease, error) { return lease, nil })
	return &types.QueryLeasesResponse{Leases: list, Pagination: page}, err
}

func (s queryServer) leasesOf(
	ctx context.Context, index collections.KeySet[ownerKey], owner string, req *types.QueryLeasesRequest,
) (*types.QueryLeasesResponse, error) {
	addr, err := accounts.Decode(owner)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("%q: %s", owner, err)
	}
	list, page, err := query.CollectionFilteredPaginate(ctx, index, req.Pagination,
		func(key ownerKey, _ collections.NoValue) (bool, error) {
			lease, err := s.keeper.Lease(ctx, key.K2())
			return wantedLease(req, lease), err
		},
		func(key ownerKey, _ collections.NoValue) (types.Lease, error) { return s.keeper.Lease(ctx, key.K2()) },
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](addr))
	return &types.QueryLeasesResponse{Leases: list, Pagination: page}, err
}

func wantedLease(req *types.QueryLeasesRequest, lease types.Lease) bool {
	return !req.Active || lease.State != types.LEASE_STATE_CLOSED
}

// Calendar returns when a device is taken.
func (s queryServer) Calendar(ctx context.Context, req *types.QueryCalendarRequest) (*types.QueryCalendarResponse, error) {
	id, err := registrytypes.ParseDeviceID(req.Device)
	if err != nil {
		return nil, types.ErrQuery.Wrapf("device: %s", err)
	}
	list, err := s.keeper.bookings(ctx, id, types.BookingsLimit)
	return &types.QueryCalendarResponse{Bookings: list}, err
}

// LeaseQuote returns the price by the present snapshot of demand. What is asked later is the lower of the last two, so that it holds
// until this one is no more among them.
func (s queryServer) LeaseQuote(goCtx context.Context, req *types.QueryLeaseQuoteRequest) (*types.QueryLeaseQuoteResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	id, err := registrytypes.ParseDeviceID(req.Device)
	if err != nil {
		return nil, types.ErrQuery.Wrapf("device: %s", err)
	}
	params, err := s.keeper.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	device, err := s.keeper.ports.Registry.Device(ctx, id)
	if err != nil {
		return nil, err
	}
	terms := LeaseTerms{Device: id, Seconds: req.Seconds, Tier: req.Tier}
	if req.Start != 0 {
		terms.Start = time.Unix(req.Start, 0).UTC()
	}
	window, err := leaseWindow(ctx, params.Lease, terms)
	if err != nil {
		return nil, err
	}
	if !device.RentPrice(ctx.BlockTime().Unix()).IsPositive() {
		return nil, types.ErrNotForRent.Wrapf("device %x: its operator names no hourly price", id)
	}
	offer, err := s.keeper.priceBy(ctx, params.Lease, pricedLease{device, req.Tier, window, terms.onDemand()}, true)
	if err != nil {
		return nil, err
	}
	demand, err := s.keeper.demand(ctx)
	if err != nil {
		return nil, err
	}
	least, err := s.keeper.ports.Escrow.LeastDeposit(ctx)
	if err != nil {
		return nil, err
	}
	deposit := math.MaxInt(minDeposit(params.Lease, offer.rate, window, terms.onDemand()), least)
	coin := func(amount math.Int) sdk.Coin { return sdk.NewCoin(params.Denom, amount) }
	response := &types.QueryLeaseQuoteResponse{
		Rate: coin(offer.rate), Total: coin(leases.Cost(offer.rate, window.Seconds())),
		MinDeposit: coin(deposit), BookingFee: coin(bookingFee(params.Lease, offer.rate, window)),
		ValidUntil: time.Unix((demand.Span+2)*QuoteSeconds, 0).UTC(),
		TierBps:    offer.factors.Tier, CapabilityBps: offer.factors.Capability, DemandBps: offer.factors.Demand, DayBps: offer.factors.Day,
	}
	terms.MaxRate, terms.Deposit = response.Rate, response.MinDeposit
	if _, err := s.keeper.draftLease(ctx, params, terms); err != nil {
		response.Obstacle = err.Error()
	}
	return response, nil
}

// Rentable lists devices of a class that can be rented now, least loaded first, at most limit looked at: for simulations.
func (k *Keeper) Rentable(ctx context.Context, class registrytypes.DeviceClass, limit uint32) ([]registrytypes.Device, error) {
	var list []registrytypes.Device
	now := sdk.UnwrapSDKContext(ctx).BlockTime()
	err := k.ports.Registry.WalkAvailable(ctx, class, limit, func(d registrytypes.Device) (bool, error) {
		if d.InUse == 0 && d.RentPrice(now.Unix()).IsPositive() && d.InHours(now) {
			list = append(list, d)
		}
		return false, nil
	})
	return list, err
}
