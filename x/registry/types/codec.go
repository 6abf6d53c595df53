package types

import (
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterInterfaces makes the module's messages known to the registry that decodes transactions.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgRegisterOperator{}, &MsgUpdateOperator{}, &MsgRegisterDevice{}, &MsgUpdateDevice{}, &MsgRetireDevice{},
		&MsgCommitSpotCheck{}, &MsgOpenSpotCheck{}, &MsgReportRoundTrips{}, &MsgUpsertGpuModel{}, &MsgUpdateParams{},
		&MsgReportTelemetry{}, &MsgSetPowerBudget{}, &MsgSetDevicePower{},
		&MsgCreatePool{}, &MsgUpdatePool{}, &MsgDeletePool{})
	msgservice.RegisterMsgServiceDesc(registry, &Msg_serviceDesc)
}
