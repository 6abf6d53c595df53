package app

import (
	"encoding/json"
	"time"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govclient "github.com/cosmos/cosmos-sdk/x/gov/client"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
)

// signedBlocksWindow is the number of blocks over which a validator's absence is counted: about a day at 5 s a block. The
// SDK's default of 100 blocks jails a validator for a restart.
const signedBlocksWindow = 17_280

// basicOverrides replaces the basics that need more than their module's zero value: those with another default genesis.
func basicOverrides() map[string]module.AppModuleBasic {
	return map[string]module.AppModuleBasic{
		genutiltypes.ModuleName:  genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
		govtypes.ModuleName:      gov.NewAppModuleBasic([]govclient.ProposalHandler{}),
		banktypes.ModuleName:     bankBasic{},
		slashingtypes.ModuleName: slashingBasic{},
	}
}

// bankBasic describes the network's denomination at genesis.
type bankBasic struct{ bank.AppModuleBasic }

// DefaultGenesis has the denomination's metadata and no balances.
func (bankBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	genesis := banktypes.DefaultGenesisState()
	genesis.DenomMetadata = []banktypes.Metadata{{
		Description: "The staking, fee and payment token of Assay.",
		Base:        BaseDenom, Display: DisplayDenom, Name: "Assay", Symbol: "ASSAY",
		DenomUnits: []*banktypes.DenomUnit{{Denom: BaseDenom}, {Denom: DisplayDenom, Exponent: DisplayExponent}},
	}}
	return cdc.MustMarshalJSON(genesis)
}

// slashingBasic counts validators' absence over a window that suits real block times.
type slashingBasic struct{ slashing.AppModuleBasic }

// DefaultGenesis has the longer window.
func (slashingBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	genesis := slashingtypes.DefaultGenesisState()
	genesis.Params.SignedBlocksWindow = signedBlocksWindow
	genesis.Params.DowntimeJailDuration = 10 * time.Minute
	return cdc.MustMarshalJSON(genesis)
}
