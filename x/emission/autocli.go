package emission

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/emission/types"
)

// AutoCLIOptions describes the module's commands: one for every query and every message but the schedule, which has a command of
// its own.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Query_serviceDesc.ServiceName,
			EnhanceCustomCommand: true,
			RpcCommandOptions:    queryCommands(),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: txCommands(),
		},
	}
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params", Use: "params",
			Short:   "Show the parameters",
			Long:    "Show the schedule as data, its caps, who gets how much of an epoch, and how long rewards can be claimed.",
			Example: "assayd query emission params --output json",
		},
		{
			RpcMethod: "State", Use: "state",
			Short:   "Show what was minted and where it is",
			Long:    "Show how many epochs were minted and how much, what is due to operators, validators and the treasury, and what each of them was paid.",
			Example: "assayd query emission state",
		},
		{RpcMethod: "Schedule", Skip: true},
		{
			RpcMethod: "Periods", Use: "periods",
			Short:   "List the periods that can be claimed",
			Long:    "List the closed periods, oldest first: the pot, all operators' points, what was claimed, and when the rest expires to the treasury.",
			Example: "assayd query emission periods --page-limit 20",
		},
		{
			RpcMethod: "Claimable", Use: "claimable [operator]",
			Short:          "Show what an operator could claim now",
			Long:           "Show what an operator's next claim would pay into its pool, and how many closed periods it would settle.",
			Example:        "assayd query emission claimable assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "ClaimRewards", Use: "claim-rewards",
			Short: "Claim your devices' rewards",
			Long: "Pay your share of the closed periods, oldest first, into your pool, where your commission is taken and the rest divided among all who back you, yourself included. " +
				"Withdraw it from there with 'assayd tx bond withdraw-rewards'.",
			FlagOptions: map[string]*autocliv1.FlagOptions{"max_periods": {Usage: "settle at most so many periods; as many as one claim may by default"}},
			Example:     "assayd tx emission claim-rewards --from operator",
		},
		{
			RpcMethod: "UpdateParams", Use: "update-params-proposal [params]",
			Short: "Propose new parameters to governance",
			Long: "Submit a proposal to replace all parameters; every field must be given. Only epochs to come are changed; caps can't be raised; denomination and epoch stay. " +
				"Start from the output of the params query.",
			Example:        `assayd tx emission update-params-proposal '{"denom":"uassay","epoch_identifier":"day","schedule":{...},"supply_cap":"1000000000000000","operators_bps":6500, ...}' --from proposer`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}
