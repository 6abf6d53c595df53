package penalty

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/penalty/types"
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
			Long:      "Show the table of offences, the victim's share of what is slashed, and how long punishments stay readable.",
			Example:   "assayd query penalty params",
		},
		{
			RpcMethod:      "Jail",
			Use:            "jail [operator]",
			Short:          "Show whether an operator is jailed",
			Long:           "Show whether an operator is jailed and from when it may leave.",
			Example:        "assayd query penalty jail assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
		},
		{
			RpcMethod: "Jails",
			Use:       "jails",
			Short:     "List the jailed operators",
			Long:      "List the jailed operators by address, a page at a time.",
			Example:   "assayd query penalty jails --page-limit 20",
		},
		{
			RpcMethod: "Records",
			Use:       "records",
			Short:     "List punishments",
			Long:      "List punishments, all or one operator's, oldest first, a page at a time. Old ones are forgotten.",
			Example:   "assayd query penalty records --operator assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Unjail",
			Use:       "unjail",
			Short:     "Leave jail once your time is over",
			Long:      "End your jail term once its time is over. Your devices can then be made available again.",
			Example:   "assayd tx penalty unjail --from operator",
		},
		{
			RpcMethod:      "UpdateParams",
			Use:            "update-params-proposal [params]",
			Short:          "Propose new parameters",
			Long:           "Submit a governance proposal that replaces all parameters of the module. Give every field and a rule for every offence, in order.",
			Example:        `assayd tx penalty update-params-proposal "$(assayd query penalty params --output json | jq -c '.params | .victim_bps = 2500')" --title "Penalty parameters" --summary "Lower the victim's share" --deposit 10000000uassay --from me`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}
