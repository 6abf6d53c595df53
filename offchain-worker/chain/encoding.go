// Package chain is the worker's side of the conversation with a node: queries, one signer that owns the hot key's
// sequence, and transactions that can be resent safely because they expire at a height.
package chain

import (
	"fmt"
	"os"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// AddressPrefix is the human-readable part of account addresses.
const AddressPrefix = "assay"

// Encoding is what is needed to read the chain's state and to write transactions.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    codec.Codec
	TxConfig client.TxConfig
}

// UseAddressPrefix sets the process-wide address prefix; call it once, first thing in main. The SDK looks its settings up by the names of the
// host and of the running file at every address, so that they would be lost as an update moves the file away; a scope of our own outlives that.
func UseAddressPrefix() {
	if err := os.Setenv(sdk.EnvConfigScope, AddressPrefix); err != nil {
		panic(err)
	}
	sdk.GetConfig().SetBech32PrefixForAccount(AddressPrefix, AddressPrefix+"pub")
}

// NewEncoding knows the messages that a worker and its operator send, without linking the chain's modules.
func NewEncoding() (Encoding, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec(AddressPrefix),
			ValidatorAddressCodec: address.NewBech32Codec(AddressPrefix + "valoper"),
		},
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("make interface registry: %w", err)
	}
	registerInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	txConfig, err := authtx.NewTxConfigWithOptions(cdc, authtx.ConfigOptions{EnabledSignModes: authtx.DefaultSignModes})
	if err != nil {
		return Encoding{}, fmt.Errorf("make transaction codec: %w", err)
	}
	return Encoding{Registry: registry, Codec: cdc, TxConfig: txConfig}, nil
}

func registerInterfaces(registry codectypes.InterfaceRegistry) {
	std.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	authz.RegisterInterfaces(registry)
	feegrant.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&markettypes.MsgCommitResult{}, &markettypes.MsgProveResult{}, &markettypes.MsgReportUnavailable{},
		&markettypes.MsgDeliverResult{}, &markettypes.MsgAnswerDispute{}, &markettypes.MsgDisputeResult{}, &markettypes.MsgHandOver{}, &markettypes.MsgAnswerContest{},
		&markettypes.MsgRevealResult{}, &markettypes.MsgShowDifference{}, &beacontypes.MsgPostRound{},
		&registrytypes.MsgRegisterOperator{}, &registrytypes.MsgUpdateOperator{}, &registrytypes.MsgRegisterDevice{},
		&registrytypes.MsgUpdateDevice{}, &registrytypes.MsgRetireDevice{}, &registrytypes.MsgReportRoundTrips{},
		&registrytypes.MsgReportTelemetry{}, &registrytypes.MsgSetPowerBudget{}, &registrytypes.MsgSetDevicePower{},
		&bondtypes.MsgBond{}, &bondtypes.MsgUnbond{},
	)
}
