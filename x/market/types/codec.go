// Package types holds the market's schema in Go, its parameters, its errors and the ports it declares.
package types

import (
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterInterfaces makes the module's messages known to the registry that decodes transactions.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgSubmitJob{}, &MsgCancelJob{}, &MsgCommitResult{}, &MsgReportUnavailable{}, &MsgProveResult{},
		&MsgClaimUndelivered{}, &MsgDeliverResult{}, &MsgContestDelivery{}, &MsgAnswerContest{}, &MsgHandOver{}, &MsgContestHandOver{}, &MsgUpdateParams{},
		&MsgDisputeResult{}, &MsgAnswerDispute{}, &MsgRevealResult{}, &MsgShowDifference{},
		&MsgOpenLease{}, &MsgReserveLease{}, &MsgExtendLease{}, &MsgCloseLease{},
		&MsgReportOutage{}, &MsgReportRecovery{}, &MsgReportLiveness{})
	msgservice.RegisterMsgServiceDesc(registry, &Msg_serviceDesc)
}
