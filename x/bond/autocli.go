package bond

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/bond/types"
)

// AutoCLIOptions describes the module's commands: one for every query and every message.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: queryCommands(),
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
			RpcMethod: "Params",
			Use:       "params",
			Short:     "Show the parameters",
			Long:      "Show the stake denomination, the unbonding time, the limits on entries and payouts, and the smallest amount.",
			Example:   "assayd query bond params",
		},
		{
			RpcMethod:      "Stake",
			Use:            "stake [operator]",
			Short:          "Show one operator's stake",
			Long:           "Show what an operator has bonded and unbonding, what its jobs in flight expose, and what its devices require. All zero for an address that never bonded.",
			Example:        "assayd query bond stake assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
		},
		{
			RpcMethod: "Stakes",
			Use:       "stakes",
			Short:     "List all operators' stakes",
			Long:      "List the stake of every operator, by address, a page at a time.",
			Example:   "assayd query bond stakes --page-limit 20",
		},
		{
			RpcMethod:      "Unbonding",
			Use:            "unbonding [operator]",
			Short:          "List one operator's unbonding entries",
			Long:           "List the amounts an operator is taking out, oldest first, with the time at which each is paid.",
			Example:        "assayd query bond unbonding assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod:      "Bond",
			Use:            "bond [amount]",
			Short:          "Add to your stake",
			Long:           "Move an amount, in base units of the stake denomination, from your account to your stake. Stake backs work and can be slashed.",
			Example:        "assayd tx bond bond 5000000 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "amount"}},
		},
		{
			RpcMethod:      "Unbond",
			Use:            "unbond [amount]",
			Short:          "Start to take stake out",
			Long:           "Start to take an amount out. It is paid after the unbonding time and can be slashed until then. What stays must cover your jobs in flight and the minimum of your devices.",
			Example:        "assayd tx bond unbond 1000000 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "amount"}},
		},
		{
			RpcMethod:      "CancelUnbonding",
			Use:            "cancel-unbonding [entry-id]",
			Short:          "Bond an unbonding entry again",
			Long:           "Bond one of your unbonding entries again. The query unbonding lists their numbers.",
			Example:        "assayd tx bond cancel-unbonding 3 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "entry_id"}},
		},
		{
			RpcMethod:      "UpdateParams",
			Use:            "update-params-proposal [params]",
			Short:          "Propose new parameters",
			Long:           "Submit a governance proposal that replaces all parameters of the module. Give every field.",
			Example:        `assayd tx bond update-params-proposal '{"denom":"uassay","unbonding_seconds":"1814400","max_entries":7,"max_payouts_per_block":100,"min_amount":"1000000"}' --title "Bond parameters" --summary "Raise the minimum" --deposit 10000000uassay --from me`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}
