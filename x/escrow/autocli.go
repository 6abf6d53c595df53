package escrow

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/escrow/types"
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
			Long:      "Show the accepted denominations, the protocol's share and the burnt share of payments, the smallest deposit, and the bounds.",
			Example:   "assayd query escrow params",
		},
		{
			RpcMethod:      "Account",
			Use:            "account [scope] [id]",
			Short:          "Show one open account",
			Long:           "Show what is set aside for one piece of work, its streams and how long the money lasts. The scope names the kind of work, such as market or lease, and the id its number, such as a job's. A closed account is gone; its event remains.",
			Example:        "assayd query escrow account market 7",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "scope"}, {ProtoField: "id"}},
		},
		{
			RpcMethod: "Accounts",
			Use:       "accounts",
			Short:     "List open accounts",
			Long:      "List the open accounts, all or one depositor's, a page at a time.",
			Example:   "assayd query escrow accounts --depositor assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2 --page-limit 20",
		},
		{
			RpcMethod:      "StreamsOf",
			Use:            "streams-of [payee]",
			Short:          "List the streams that pay an address",
			Long:           "List the streams that pay an address, and what a settlement of each would pay now, a page at a time.",
			Example:        "assayd query escrow streams-of assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2 --page-limit 20",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "payee"}},
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod:      "Deposit",
			Use:            "deposit [scope] [id] [amount]",
			Short:          "Top an account up",
			Long:           "Add coins to an open account that is yours or that takes anybody's. They aren't locked: you may withdraw them again. With --granter they are another's, out of the deposit grant that it gave you.",
			Example:        "assayd tx escrow deposit lease 7 50000uassay --from customer",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "scope"}, {ProtoField: "id"}, {ProtoField: "amount"}},
		},
		{
			RpcMethod:      "Withdraw",
			Use:            "withdraw [scope] [id] [amount]",
			Short:          "Take back what is not locked",
			Long:           "Take coins of yours out of an open account, down to what is locked for the work or earned by its streams.",
			Example:        "assayd tx escrow withdraw market 7 50000uassay --from customer",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "scope"}, {ProtoField: "id"}, {ProtoField: "amount"}},
		},
		{
			RpcMethod:      "Settle",
			Use:            "settle [scope] [id] [stream]",
			Short:          "Pay a stream's payee",
			Long:           "Pay out what a stream earned until now. Anybody may call it; the coins go to the payee and to whoever else has a share.",
			Example:        "assayd tx escrow settle lease 7 1 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "scope"}, {ProtoField: "id"}, {ProtoField: "stream"}},
		},
		{
			RpcMethod:      "Admit",
			Use:            "admit [scope] [id]",
			Short:          "Say who may top your account up",
			Long:           "Let anybody deposit into an account that you opened, or with --anyone=false only yourself and those who have money in it.",
			Example:        "assayd tx escrow admit lease 7 --anyone --from customer",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "scope"}, {ProtoField: "id"}},
		},
		{
			RpcMethod:      "UpdateParams",
			Use:            "update-params-proposal [params]",
			Short:          "Propose new parameters",
			Long:           "Submit a governance proposal that replaces all parameters of the module. Give every field.",
			Example:        `assayd tx escrow update-params-proposal '{"allowed_denoms":["uassay"],"protocol_fee_bps":200,"burn_bps":100,"min_deposit":"1000","max_streams":128,"max_depositors":16,"max_payouts_per_block":200}' --title "Escrow parameters" --summary "Lower the fee" --deposit 10000000uassay --from me`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}
