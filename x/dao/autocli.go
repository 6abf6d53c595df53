package dao

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/dao/types"
)

// AutoCLIOptions describes the module's commands: one for every query and every message.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: append(decisionQueries(), treasuryQueries()...),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: append(txCommands(), proposals()...),
		},
	}
}

func positional(fields ...string) (args []*autocliv1.PositionalArgDescriptor) {
	for _, field := range fields {
		args = append(args, &autocliv1.PositionalArgDescriptor{ProtoField: field})
	}
	return args
}

func decisionQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params",
			Use:       "params",
			Short:     "Show the parameters",
			Long:      "Show the time lock, the quorum of emergencies and the limits of queue and grants.",
			Example:   "assayd query dao params",
		},
		{
			RpcMethod:      "Change",
			Use:            "change [proposal-id]",
			Short:          "Show what a proposal that passed waits for, or what became of it",
			Long:           "Show the messages of a proposal that passed and when they take effect; afterwards whether they did.",
			Example:        "assayd query dao change 1",
			PositionalArgs: positional("proposal_id"),
		},
		{
			RpcMethod: "Changes",
			Use:       "changes",
			Short:     "List the proposals that wait for their time",
			Long:      "List the proposals that passed and wait for their time, the next one first, a page at a time.",
			Example:   "assayd query dao changes --page-limit 20",
		},
		{
			RpcMethod: "Outcomes",
			Use:       "outcomes",
			Short:     "List what became of the last proposals that waited",
			Long:      "List what became of the last 256 proposals that waited, oldest first, a page at a time.",
			Example:   "assayd query dao outcomes --page-reverse",
		},
		{
			RpcMethod: "Guardrails",
			Use:       "guardrails",
			Short:     "List the limits on modules' parameters",
			Long:      "List every parameter of every module with its present value, its bounds, and what one proposal may set now.",
			Example:   "assayd query dao guardrails --type-url /assay.market.v1.MsgUpdateParams",
		},
		{
			RpcMethod:      "VotingPower",
			Use:            "voting-power [address]",
			Short:          "Show what an address votes with",
			Long:           "Show what an address votes with: its staked, bonded and backing tokens, and what others hold with it who don't vote themselves.",
			Example:        "assayd query dao voting-power assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
			PositionalArgs: positional("address"),
		},
	}
}

func treasuryQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Treasury",
			Use:       "treasury",
			Short:     "Show what the treasury has",
			Long:      "Show what the treasury has of a denomination, how much of it is promised, and how much can be granted.",
			Example:   "assayd query dao treasury --denom uassay",
		},
		{
			RpcMethod:      "Grant",
			Use:            "grant [grant-id]",
			Short:          "Show a grant and what may be claimed now",
			Long:           "Show a grant and what its recipient may claim now. A grant that was paid to the end is forgotten.",
			Example:        "assayd query dao grant 1",
			PositionalArgs: positional("grant_id"),
		},
		{
			RpcMethod: "Grants",
			Use:       "grants",
			Short:     "List the running grants",
			Long:      "List the running grants, all or one recipient's, a page at a time.",
			Example:   "assayd query dao grants --recipient assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2",
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod:      "FundTreasury",
			Use:            "fund-treasury [amount]",
			Short:          "Put coins into the treasury",
			Long:           "Put coins into the treasury. They leave it by grants that a vote decides.",
			Example:        "assayd tx dao fund-treasury 1000000uassay --from me",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "amount", Varargs: true}},
		},
		{
			RpcMethod:      "ClaimGrant",
			Use:            "claim-grant [grant-id]",
			Short:          "Claim what has vested of your grant",
			Long:           "Be paid what has vested of your grant and was not claimed yet.",
			Example:        "assayd tx dao claim-grant 1 --from me",
			PositionalArgs: positional("grant_id"),
		},
	}
}

// proposalFlags are those that every proposal needs.
const proposalFlags = ` --title "Grant" --summary "Why" --deposit 10000000uassay --from me`

func proposals() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "CreateGrant",
			Use:       "create-grant-proposal [recipient] [amount] [purpose]",
			Short:     "Propose a grant",
			Long:      "Submit a governance proposal for a grant of the treasury: a stream between two times, or milestones that later votes release.",
			Example: `assayd tx dao create-grant-proposal assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2 1000000uassay "A year of work" --stream '{"start":"2027-01-01T00:00:00Z","end":"2028-01-01T00:00:00Z"}'` + proposalFlags + `
assayd tx dao create-grant-proposal assay1qmj4kce5s8mmkpef2l4teugse9ewse53df0jc2 1000000uassay "An audit" --milestones '{"title":"Report","amount":"1000000"}'` + proposalFlags,
			PositionalArgs: positional("recipient", "amount", "purpose"),
			GovProposal:    true,
		},
		{
			RpcMethod:      "ReleaseMilestone",
			Use:            "release-milestone-proposal [grant-id] [milestone]",
			Short:          "Propose to release a milestone of a grant",
			Long:           "Submit a governance proposal that lets a grant's recipient claim a milestone, counted from 0.",
			Example:        "assayd tx dao release-milestone-proposal 1 0" + proposalFlags,
			PositionalArgs: positional("grant_id", "milestone"),
			GovProposal:    true,
		},
		{
			RpcMethod:      "CancelGrant",
			Use:            "cancel-grant-proposal [grant-id]",
			Short:          "Propose to cancel a grant",
			Long:           "Submit a governance proposal that ends a grant. What has vested stays the recipient's; it takes effect with the vote.",
			Example:        "assayd tx dao cancel-grant-proposal 1" + proposalFlags,
			PositionalArgs: positional("grant_id"),
			GovProposal:    true,
		},
		{
			RpcMethod:      "CancelScheduled",
			Use:            "cancel-change-proposal [proposal-id] [reason]",
			Short:          "Propose to cancel a change that waits",
			Long:           "Submit a governance proposal that takes another one, which passed and waits for its time, out of the queue.",
			Example:        `assayd tx dao cancel-change-proposal 1 "It was a mistake"` + proposalFlags,
			PositionalArgs: positional("proposal_id", "reason"),
			GovProposal:    true,
		},
		{
			RpcMethod:      "UpdateParams",
			Use:            "update-params-proposal [params]",
			Short:          "Propose new parameters",
			Long:           "Submit a governance proposal that replaces all parameters of the module. Give every field; see 'assayd query dao guardrails' for what may change by how much.",
			Example:        `assayd tx dao update-params-proposal "$(assayd query dao params --output json | jq -c '.params | .max_grants = 1200')"` + proposalFlags,
			PositionalArgs: positional("params"),
			GovProposal:    true,
		},
	}
}
