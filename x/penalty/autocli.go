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
			Long:      "Show the table of offences, the shares of what is slashed, the windows of appeals and evidence, and how long punishments stay readable.",
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
		{
			RpcMethod:      "Record",
			Use:            "record [id]",
			Short:          "Show a punishment",
			Long:           "Show a punishment: what was slashed, whether it is still held, how it was split, and its appeal.",
			Example:        "assayd query penalty record 7",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
		},
		{
			RpcMethod: "Holds",
			Use:       "holds",
			Short:     "List punishments whose stake is held",
			Long:      "List punishments whose stake is held, in the order in which they are settled, a page at a time.",
			Example:   "assayd query penalty holds --page-limit 20",
		},
		{
			RpcMethod: "Appeals",
			Use:       "appeals",
			Short:     "List appeals that are not resolved",
			Long:      "List the punishments whose appeal governance has not resolved yet, oldest first, a page at a time.",
			Example:   "assayd query penalty appeals --page-limit 20",
		},
		{
			RpcMethod:      "Conduct",
			Use:            "conduct [operator]",
			Short:          "Show how often an operator's offences count as repeated",
			Long:           "Show how many of an operator's offences of each kind still count. The next one of the kind costs accordingly more.",
			Example:        "assayd query penalty conduct assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
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
			RpcMethod: "SubmitEvidence",
			Use:       "submit-evidence",
			Short:     "Show an offence for the reporter's share",
			Long:      "Show that an operator signed two different statements about the same subject and slot. You get the reporter's share of what is slashed once it is split.",
			Example:   `assayd tx penalty submit-evidence --equivocation "$(cat equivocation.json)" --from reporter`,
		},
		{
			RpcMethod: "Appeal",
			Use:       "appeal [record-id] [reason]",
			Short:     "Appeal against a punishment of yours",
			Long:      "Appeal while what was slashed is held. The appeal's bond is locked: it comes back when the appeal is granted or nobody resolves it, and is burnt when it is denied.",
			Example:   `assayd tx penalty appeal 7 "the beacon was out from 10:00 to 11:00" --from operator`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{
				{ProtoField: "record_id"}, {ProtoField: "reason"},
			},
		},
		{
			RpcMethod:      "ResolveAppeal",
			Use:            "resolve-appeal-proposal [record-id] [grant] [note]",
			Short:          "Propose to grant or deny an appeal",
			Long:           "Submit a governance proposal that grants or denies an appeal. Granted, stake and bond go back and the punishment is undone.",
			Example:        `assayd tx penalty resolve-appeal-proposal 7 true "the outage is on record" --title "Appeal 7" --summary "Grant it" --deposit 10000000uassay --from me`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "record_id"}, {ProtoField: "grant"}, {ProtoField: "note"}},
			GovProposal:    true,
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
