package proofs

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/proofs/types"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Query_serviceDesc.ServiceName,
			Short:                "Query circuits",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    queryCommands(),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			Short:                "Propose circuits to governance",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    txCommands(),
		},
	}
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params", Use: "params",
			Short:   "Show the verification budget and whether development keys are accepted",
			Long:    "Show the verification units a block may spend, how many circuits may be registered, and whether keys without a ceremony are accepted.",
			Example: "assayd query proofs params --output json",
		},
		{
			RpcMethod: "Circuit", Use: "circuit [id]",
			Short:          "Show a circuit",
			Long:           "Show a circuit's class or model, verifying key, the key's SHA-256, whether it is a development key, and whether new jobs use it.",
			Example:        "assayd query proofs circuit opening-1024",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
		},
		{
			RpcMethod: "Circuits", Use: "circuits",
			Short:   "List the circuits",
			Long:    "List the circuits, active and retired, in the order of their ids.",
			Example: "assayd query proofs circuits --output json",
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "RegisterCircuit", Use: "register-circuit-proposal [circuit]",
			Short: "Propose a circuit's verifying key to governance",
			Long: "Submit a proposal to accept a verifying key. Its class or model must have no active circuit: retire the old one in the same proposal. " +
				"A key from a setup without a ceremony must say development, and is refused on a public network.",
			Example:        `assayd tx proofs register-circuit-proposal '{"id":"opening-1024","system":"PROOF_SYSTEM_GROTH16_BN254","class":1024,"verifying_key":"...","key_hash":"...","status":"CIRCUIT_STATUS_ACTIVE"}' --from proposer`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "circuit"}},
			GovProposal:    true,
		},
		{
			RpcMethod: "RetireCircuit", Use: "retire-circuit-proposal [id]",
			Short:          "Propose to governance that a circuit takes no new jobs",
			Long:           "Submit a proposal to take a circuit out of use. Jobs begun under it are still verified.",
			Example:        "assayd tx proofs retire-circuit-proposal opening-1024 --from proposer",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
			GovProposal:    true,
		},
		{
			RpcMethod: "UpdateParams", Use: "update-params-proposal [params]",
			Short: "Propose new parameters to governance",
			Long: "Submit a proposal to replace all parameters; every field must be given. Development keys can be allowed only on a chain whose id begins with " +
				"assay-local- or assay-test-, and forbidden only when no active circuit has one.",
			Example:        `assayd tx proofs update-params-proposal '{"units_per_block":"400000","max_circuits":16,"allow_development_keys":false}' --from proposer`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}
