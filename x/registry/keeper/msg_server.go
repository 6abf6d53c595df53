package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/registry/types"
)

type msgServer struct{ keeper *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the module's message service.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{keeper: k} }

// RegisterOperator makes the signer an operator.
func (s msgServer) RegisterOperator(ctx context.Context, msg *types.MsgRegisterOperator) (*types.MsgRegisterOperatorResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	profile, err := parseProfile(operator, msg.Moniker, msg.Endpoint, msg.PayoutAddress)
	if err != nil {
		return nil, err
	}
	profile.RelayURL, profile.RelayKey = msg.RelayUrl, msg.RelayKey
	return &types.MsgRegisterOperatorResponse{}, s.keeper.RegisterOperator(ctx, operator, profile)
}

// UpdateOperator replaces the signer's record.
func (s msgServer) UpdateOperator(ctx context.Context, msg *types.MsgUpdateOperator) (*types.MsgUpdateOperatorResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	profile, err := parseProfile(operator, msg.Moniker, msg.Endpoint, msg.PayoutAddress)
	if err != nil {
		return nil, err
	}
	profile.RelayURL, profile.RelayKey = msg.RelayUrl, msg.RelayKey
	return &types.MsgUpdateOperatorResponse{}, s.keeper.UpdateOperator(ctx, operator, profile)
}

// RegisterDevice adds a device to the signer.
func (s msgServer) RegisterDevice(ctx context.Context, msg *types.MsgRegisterDevice) (*types.MsgRegisterDeviceResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterDeviceResponse{}, s.keeper.RegisterDevice(ctx, operator, types.Device{
		Id: msg.Id, Model: msg.Model, Class: msg.Class, Backend: msg.Backend, MemoryMib: msg.MemoryMib,
		Lanes: msg.Lanes, Price: msg.Price, Available: msg.Available, HourlyPrice: msg.HourlyPrice, Levels: msg.Levels, Cell: msg.Cell,
	})
}

// UpdateDevice changes the offer of one of the signer's devices.
func (s msgServer) UpdateDevice(ctx context.Context, msg *types.MsgUpdateDevice) (*types.MsgUpdateDeviceResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgUpdateDeviceResponse{}, s.keeper.UpdateDevice(ctx, operator, msg.Id,
		types.Offer{Lanes: msg.Lanes, Price: msg.Price, Available: msg.Available, HourlyPrice: msg.HourlyPrice, Levels: msg.Levels, Cell: msg.Cell})
}

// RetireDevice removes one of the signer's devices.
func (s msgServer) RetireDevice(ctx context.Context, msg *types.MsgRetireDevice) (*types.MsgRetireDeviceResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgRetireDeviceResponse{}, s.keeper.RetireDevice(ctx, operator, msg.Id)
}

// CommitSpotCheck takes the commitment of one of the signer's devices.
func (s msgServer) CommitSpotCheck(ctx context.Context, msg *types.MsgCommitSpotCheck) (*types.MsgCommitSpotCheckResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	round, err := s.keeper.CommitSpotCheck(sdk.UnwrapSDKContext(ctx), operator, msg.Device, msg.Check, msg.Commitment)
	return &types.MsgCommitSpotCheckResponse{Round: round}, err
}

// OpenSpotCheck takes the openings of one of the signer's devices.
func (s msgServer) OpenSpotCheck(ctx context.Context, msg *types.MsgOpenSpotCheck) (*types.MsgOpenSpotCheckResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	opening, err := msg.Opening()
	if err != nil {
		return nil, err
	}
	state, err := s.keeper.OpenSpotCheck(sdk.UnwrapSDKContext(ctx), operator, msg.Device, msg.Check, opening)
	return &types.MsgOpenSpotCheckResponse{State: state}, err
}

// ReportRoundTrips learns what one of the signer's devices measured.
func (s msgServer) ReportRoundTrips(ctx context.Context, msg *types.MsgReportRoundTrips) (*types.MsgReportRoundTripsResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	at, err := s.keeper.ReportRoundTrips(sdk.UnwrapSDKContext(ctx), operator, msg.Device, msg.RoundTrips)
	return &types.MsgReportRoundTripsResponse{Coordinates: at}, err
}

// UpsertGpuModel adds a model to the catalogue or replaces one, under governance.
func (s msgServer) UpsertGpuModel(ctx context.Context, msg *types.MsgUpsertGpuModel) (*types.MsgUpsertGpuModelResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgUpsertGpuModelResponse{}, s.keeper.UpsertGpuModel(ctx, msg.Model)
}

// ReportTelemetry takes a report of the condition of one of the signer's devices.
func (s msgServer) ReportTelemetry(ctx context.Context, msg *types.MsgReportTelemetry) (*types.MsgReportTelemetryResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	heat, err := s.keeper.ReportTelemetry(ctx, operator, types.Telemetry{
		Device: msg.Device, Celsius: msg.Celsius, Watts: msg.Watts, UtilisationPercent: msg.UtilisationPercent, MemoryFreeMib: msg.MemoryFreeMib,
	})
	return &types.MsgReportTelemetryResponse{Heat: heat}, err
}

// SetPowerBudget limits what the signer's devices draw together.
func (s msgServer) SetPowerBudget(ctx context.Context, msg *types.MsgSetPowerBudget) (*types.MsgSetPowerBudgetResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetPowerBudgetResponse{}, s.keeper.SetPowerBudget(ctx, operator, msg.Budget)
}

// SetDevicePower tells what one of the signer's devices draws, and when it takes work.
func (s msgServer) SetDevicePower(ctx context.Context, msg *types.MsgSetDevicePower) (*types.MsgSetDevicePowerResponse, error) {
	operator, err := parseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetDevicePowerResponse{}, s.keeper.SetDevicePower(ctx, operator, msg.Device, msg.Watts, msg.Hours)
}

// CreatePool begins a pool of operators that the signer keeps.
func (s msgServer) CreatePool(ctx context.Context, msg *types.MsgCreatePool) (*types.MsgCreatePoolResponse, error) {
	owner, err := parseAddress("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	pool, err := s.keeper.CreatePool(ctx, owner, msg.Name, msg.Operators)
	return &types.MsgCreatePoolResponse{Pool: pool}, err
}

// UpdatePool changes one of the signer's pools.
func (s msgServer) UpdatePool(ctx context.Context, msg *types.MsgUpdatePool) (*types.MsgUpdatePoolResponse, error) {
	owner, err := parseAddress("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	pool, err := s.keeper.UpdatePool(ctx, owner, msg)
	return &types.MsgUpdatePoolResponse{Operators: pool.Operators}, err
}

// DeletePool removes one of the signer's pools.
func (s msgServer) DeletePool(ctx context.Context, msg *types.MsgDeletePool) (*types.MsgDeletePoolResponse, error) {
	owner, err := parseAddress("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	return &types.MsgDeletePoolResponse{}, s.keeper.DeletePool(ctx, owner, msg.Pool)
}

// UpdateParams replaces the parameters under governance.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.keeper.authority, msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.keeper.SetParams(ctx, msg.Params)
}

func parseAddress(field, text string) (sdk.AccAddress, error) {
	address, err := accounts.Decode(text)
	if err != nil {
		return nil, types.ErrAddress.Wrapf("%s: %s", field, err)
	}
	return address, nil
}

// parseProfile reads what an operator says of itself; payments go to the operator when no other account is named.
func parseProfile(operator sdk.AccAddress, moniker, endpoint, payout string) (Profile, error) {
	profile := Profile{Moniker: moniker, Endpoint: endpoint, Payout: operator}
	if payout == "" {
		return profile, nil
	}
	address, err := parseAddress("payout_address", payout)
	profile.Payout = address
	return profile, err
}
