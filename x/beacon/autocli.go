package beacon

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/beacon/types"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Query_serviceDesc.ServiceName,
			Short:                "Query the randomness beacon",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    queryCommands(),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			Short:                "Relay rounds of the randomness beacon",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    txCommands(),
		},
	}
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params", Use: "params",
			Short:   "Show the beacon that is followed and the other parameters",
			Long:    "Show the beacon's public key, period, genesis time and scheme, the delay between fixing a round and the round, and how long rounds are kept.",
			Example: "assayd query beacon params --output json",
		},
		{
			RpcMethod: "Round", Use: "round [number]",
			Short:          "Show a posted round of the present beacon",
			Long:           "Show a posted round's signature, randomness, relayer and time. A round that nobody waited for, or that is pruned, is not found.",
			Example:        "assayd query beacon round 30663002",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "round"}},
		},
		{
			RpcMethod: "Rounds", Use: "rounds",
			Short:   "List the posted rounds that are kept",
			Long:    "List the posted rounds that are kept, by generation and number. A generation ends when governance replaces the beacon.",
			Example: "assayd query beacon rounds --page-limit 20 --page-reverse",
		},
		{
			RpcMethod: "Pending", Use: "pending",
			Short:   "List the rounds that are waited for",
			Long:    "List the rounds of the present beacon that a module waits for, lowest number first. Anyone may post them once the beacon published them.",
			Example: "assayd query beacon pending --output json",
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "PostRound", Use: "post-round [number] [signature]",
			Short: "Relay a round that is waited for",
			Long: "Relay a round that is waited for. The signature is the one that the beacon's endpoint serves under /public/<number>, 48 bytes in hexadecimal. " +
				"The chain verifies it, so anyone may relay.",
			Example:        "assayd tx beacon post-round 1000 b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39 --from relayer",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "round"}, {ProtoField: "signature"}},
		},
		{
			RpcMethod: "UpdateParams", Use: "update-params-proposal [params]",
			Short: "Propose new parameters to governance",
			Long: "Submit a proposal to replace all parameters; every field must be given. Another chain begins a new generation: requests of the old beacon lapse. " +
				"Start from the output of the params query.",
			Example:        `assayd tx beacon update-params-proposal '{"chain":{"public_key":"g88PKJ...","period":"3","genesis_time":"1692803367","scheme":"bls-unchained-g1-rfc9380"},"min_delay_seconds":"12","history_seconds":"604800","max_pruned_per_block":100}' --from proposer`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}
