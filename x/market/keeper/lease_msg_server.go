package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// OpenLease rents a device from now on.
func (s msgServer) OpenLease(ctx context.Context, msg *types.MsgOpenLease) (*types.MsgOpenLeaseResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	lease, err := s.keeper.OpenLease(sdk.UnwrapSDKContext(ctx), customer, LeaseTerms{
		Device: msg.Device, Seconds: msg.Seconds, Tier: msg.Tier, MaxRate: msg.MaxRate, Deposit: msg.Deposit, GatewayKey: msg.GatewayKey,
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgOpenLeaseResponse{LeaseId: lease.Id, Rate: sdk.NewCoin(msg.MaxRate.Denom, lease.Rate)}, nil
}

// ReserveLease rents a device for a later window.
func (s msgServer) ReserveLease(ctx context.Context, msg *types.MsgReserveLease) (*types.MsgReserveLeaseResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	lease, err := s.keeper.OpenLease(sdk.UnwrapSDKContext(ctx), customer, LeaseTerms{
		Device: msg.Device, Seconds: msg.Seconds, Tier: msg.Tier, Start: msg.Start, MaxRate: msg.MaxRate, Deposit: msg.Deposit,
		GatewayKey: msg.GatewayKey,
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgReserveLeaseResponse{LeaseId: lease.Id, Rate: sdk.NewCoin(msg.MaxRate.Denom, lease.Rate)}, nil
}

// ExtendLease moves the end of a lease.
func (s msgServer) ExtendLease(ctx context.Context, msg *types.MsgExtendLease) (*types.MsgExtendLeaseResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	lease, err := s.keeper.ExtendLease(sdk.UnwrapSDKContext(ctx), customer, msg.LeaseId, LeaseExtension{
		Seconds: msg.Seconds, MaxRate: msg.MaxRate, Deposit: msg.Deposit,
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgExtendLeaseResponse{End: lease.End, Rate: sdk.NewCoin(msg.MaxRate.Denom, lease.Rate)}, nil
}

// CloseLease ends a lease early, or takes a reservation back.
func (s msgServer) CloseLease(ctx context.Context, msg *types.MsgCloseLease) (*types.MsgCloseLeaseResponse, error) {
	party, err := sender(msg, msg.Party)
	if err != nil {
		return nil, err
	}
	lease, err := s.keeper.CloseLease(sdk.UnwrapSDKContext(ctx), party, msg.LeaseId, msg.Motive, msg.Abandon)
	if err != nil {
		return nil, err
	}
	end := lease.End
	if lease.ClosedAt != nil {
		end = *lease.ClosedAt
	}
	return &types.MsgCloseLeaseResponse{State: lease.State, Reason: lease.CloseReason, End: end}, nil
}

// ReportOutage tells that the device can't be reached.
func (s msgServer) ReportOutage(ctx context.Context, msg *types.MsgReportOutage) (*types.MsgReportOutageResponse, error) {
	customer, err := sender(msg, msg.Customer)
	if err != nil {
		return nil, err
	}
	lease, err := s.keeper.ReportOutage(sdk.UnwrapSDKContext(ctx), customer, msg.LeaseId)
	if err != nil {
		return nil, err
	}
	return &types.MsgReportOutageResponse{State: lease.State}, nil
}

// ReportRecovery tells that it can be reached again.
func (s msgServer) ReportRecovery(ctx context.Context, msg *types.MsgReportRecovery) (*types.MsgReportRecoveryResponse, error) {
	operator, err := sender(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := s.keeper.ReportRecovery(sdk.UnwrapSDKContext(ctx), operator, msg.LeaseId); err != nil {
		return nil, err
	}
	return &types.MsgReportRecoveryResponse{}, nil
}

// ReportLiveness hands in a statement of the customer's gateway.
func (s msgServer) ReportLiveness(ctx context.Context, msg *types.MsgReportLiveness) (*types.MsgReportLivenessResponse, error) {
	reporter, err := sender(msg, msg.Reporter)
	if err != nil {
		return nil, err
	}
	paid, err := s.keeper.ReportLiveness(sdk.UnwrapSDKContext(ctx), reporter, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgReportLivenessResponse{Paid: paid}, nil
}
