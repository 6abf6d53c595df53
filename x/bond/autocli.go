package bond

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/bond/types"
)

// someone is the address in examples.
const someone = "assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2"

// another is a second one.
const another = "assay1zcclxnsz7p3fhl98ehxfgnxt4ac40zvxg9w3pd"

// AutoCLIOptions describes the module's commands: one for every query and every message.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: append(stakeQueries(), backingQueries()...),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: append(operatorCommands(), backerCommands()...),
		},
	}
}

// arguments names the fields that are given by position.
func arguments(fields ...string) []*autocliv1.PositionalArgDescriptor {
	positions := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, field := range fields {
		positions[i] = &autocliv1.PositionalArgDescriptor{ProtoField: field}
	}
	return positions
}

func stakeQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params",
			Use:       "params",
			Short:     "Show the parameters",
			Long:      "Show the stake denomination, the unbonding time, the limits on entries, backings and payouts, the limits of commissions, the boost of stake, and the smallest amount.",
			Example:   "assayd query bond params",
		},
		{
			RpcMethod:      "Stake",
			Use:            "stake [operator]",
			Short:          "Show one operator's stake",
			Long:           "Show what is bonded and unbonding behind an operator, backing included, what its jobs in flight expose, and what its devices require. All zero for an address that never bonded.",
			Example:        "assayd query bond stake " + someone,
			PositionalArgs: arguments("operator"),
		},
		{
			RpcMethod: "Stakes",
			Use:       "stakes",
			Short:     "List all operators' stakes",
			Long:      "List the stake behind every operator, by address, a page at a time.",
			Example:   "assayd query bond stakes --page-limit 20",
		},
		{
			RpcMethod:      "Unbonding",
			Use:            "unbonding [account]",
			Short:          "List one account's unbonding entries",
			Long:           "List the amounts an operator or a backer is taking out, oldest first, with the time at which each is paid and whether it waits for jobs to end.",
			Example:        "assayd query bond unbonding " + someone,
			PositionalArgs: arguments("operator"),
		},
		{
			RpcMethod:      "Pool",
			Use:            "pool [operator]",
			Short:          "Show one operator's pool",
			Long:           "Show an operator's pool: tokens and shares, bonded and unbonding, commission, rewards not withdrawn, score and weight.",
			Example:        "assayd query bond pool " + someone,
			PositionalArgs: arguments("operator"),
		},
	}
}

func backingQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod:      "Backings",
			Use:            "backings [backer]",
			Short:          "List the operators an account stands behind",
			Long:           "List what an account has behind operators and what it is worth now. An operator's own stake is its backing of itself.",
			Example:        "assayd query bond backings " + someone,
			PositionalArgs: arguments("backer"),
		},
		{
			RpcMethod:      "Backers",
			Use:            "backers [operator]",
			Short:          "List who stands behind an operator",
			Long:           "List the backings of an operator, its own stake among them, a page at a time.",
			Example:        "assayd query bond backers " + someone + " --page-limit 20",
			PositionalArgs: arguments("operator"),
		},
		{
			RpcMethod:      "Rewards",
			Use:            "rewards [operator] [backer]",
			Short:          "Show what a backing has earned",
			Long:           "Show the rewards that a backing has earned and not withdrawn, and the commission when both are the same account.",
			Example:        "assayd query bond rewards " + someone + " " + another,
			PositionalArgs: arguments("operator", "backer"),
		},
		{
			RpcMethod:      "Commission",
			Use:            "commission [operator]",
			Short:          "Show an operator's commission",
			Long:           "Show the part of its pool's rewards that an operator gets before its backers, from when it can be changed, and what is due of it.",
			Example:        "assayd query bond commission " + someone,
			PositionalArgs: arguments("operator"),
		},
		{
			RpcMethod:      "Points",
			Use:            "points [operator] [from] [to]",
			Short:          "Show an operator's points in closed periods",
			Long:           "Show the points an operator's devices earned in each of some closed periods, both ends included. The query ledger lists the periods.",
			Example:        "assayd query bond points " + someone + " 1 7",
			PositionalArgs: arguments("operator", "from", "to"),
		},
		{
			RpcMethod: "Ledger",
			Use:       "ledger",
			Short:     "Show the running total of points",
			Long:      "Show the running period, the points and the weight of all operators together, and the closed periods that are kept, a page at a time.",
			Example:   "assayd query bond ledger --page-limit 20",
		},
	}
}

func operatorCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod:      "Bond",
			Use:            "bond [amount]",
			Short:          "Add to your own stake",
			Long:           "Move an amount, in base units of the stake denomination, from your account to your stake as an operator. Stake backs work and can be slashed.",
			Example:        "assayd tx bond bond 5000000 --from operator",
			PositionalArgs: arguments("amount"),
		},
		{
			RpcMethod:      "Unbond",
			Use:            "unbond [amount]",
			Short:          "Start to take your own stake out",
			Long:           "Start to take an amount of your own stake out. It is paid after the unbonding time and can be slashed until then. What stays behind you must cover your jobs in flight and the minimum of your devices.",
			Example:        "assayd tx bond unbond 1000000 --from operator",
			PositionalArgs: arguments("amount"),
		},
		{
			RpcMethod:      "CancelUnbonding",
			Use:            "cancel-unbonding [entry-id]",
			Short:          "Bond an unbonding entry of your own stake again",
			Long:           "Bond one of your unbonding entries again. The query unbonding lists their numbers.",
			Example:        "assayd tx bond cancel-unbonding 3 --from operator",
			PositionalArgs: arguments("entry_id"),
		},
		{
			RpcMethod:      "SetCommission",
			Use:            "set-commission [basis-points]",
			Short:          "Change your commission",
			Long:           "Change the part of your pool's rewards that you get before your backers, in basis points. It can be changed once a day and by a limited step.",
			Example:        "assayd tx bond set-commission 1100 --from operator",
			PositionalArgs: arguments("commission_bps"),
		},
		{
			RpcMethod: "UpdateParams",
			Use:       "update-params-proposal [params]",
			Short:     "Propose new parameters",
			Long:      "Submit a governance proposal that replaces all parameters of the module. Give every field.",
			Example: `assayd tx bond update-params-proposal '{"denom":"uassay","unbonding_seconds":"1814400","max_entries":7,"max_payouts_per_block":100,"min_amount":"1000000",` +
				`"max_backings":32,"max_backing_multiple":10,"initial_commission_bps":1000,"max_commission_bps":5000,"max_commission_change_bps":100,"boost_slope_bps":2500,"boost_cap_bps":5000}' ` +
				`--title "Bond parameters" --summary "Raise the minimum" --deposit 10000000uassay --from me`,
			PositionalArgs: arguments("params"),
			GovProposal:    true,
		},
	}
}

func backerCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod:      "Back",
			Use:            "back [operator] [amount]",
			Short:          "Add stake behind an operator",
			Long:           "Move an amount, in base units of the stake denomination, from your account behind an operator. It earns a part of the operator's rewards and is slashed with the operator's own.",
			Example:        "assayd tx bond back " + someone + " 5000000 --from me",
			PositionalArgs: arguments("operator", "amount"),
		},
		{
			RpcMethod:      "Unback",
			Use:            "unback [operator] [amount]",
			Short:          "Start to take stake out from behind an operator",
			Long:           "Start to take an amount out from behind an operator. It is paid after the unbonding time, and not before the operator's jobs in flight are covered without it; it can be slashed until then.",
			Example:        "assayd tx bond unback " + someone + " 1000000 --from me",
			PositionalArgs: arguments("operator", "amount"),
		},
		{
			RpcMethod:      "MoveBacking",
			Use:            "move-backing [source] [destination] [amount]",
			Short:          "Move stake from behind one operator to behind another",
			Long:           "Start to move an amount from behind one operator to behind another. It waits the unbonding time at the source, can be slashed there, and is bonded at the destination after it.",
			Example:        "assayd tx bond move-backing " + someone + " " + another + " 1000000 --from me",
			PositionalArgs: arguments("source", "destination", "amount"),
		},
		{
			RpcMethod:      "CancelUnbacking",
			Use:            "cancel-unbacking [entry-id]",
			Short:          "Bond an entry that is leaving or moving again",
			Long:           "Bond one of your unbonding entries again, behind the operator it was leaving. The query unbonding lists their numbers.",
			Example:        "assayd tx bond cancel-unbacking 3 --from me",
			PositionalArgs: arguments("entry_id"),
		},
		{
			RpcMethod:      "WithdrawRewards",
			Use:            "withdraw-rewards [operator]",
			Short:          "Withdraw what a backing earned",
			Long:           "Withdraw what your stake behind an operator has earned, and your commission when you are the operator.",
			Example:        "assayd tx bond withdraw-rewards " + someone + " --from me",
			PositionalArgs: arguments("operator"),
		},
	}
}
