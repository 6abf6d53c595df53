package market

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// replicaQueries are about jobs that several operators compute.
func replicaQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Replicas", Use: "replicas [id]",
			Short:          "Show who computes a job under the policy REPLICA",
			Long:           "Show the operators that compute a job by themselves, how far each is or why it is out, and the place where two of their results differ.",
			Example:        "assayd query market replicas 7 --output json",
			PositionalArgs: args("id"),
		},
	}
}

// replicaCommands are those of operators that compute one job by themselves.
func replicaCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "RevealResult", Use: "reveal-result [job-id] [attempt] [salt] --step-roots [root],...",
			Short:          "Reveal the result that was committed to under the policy REPLICA",
			Long:           "Show the roots and the salt of the commitment, 32 bytes each in base64, once all operators have committed or their time is over. What is not revealed in time is punished. The worker's daemon does this.",
			Example:        `assayd tx market reveal-result 7 1 "$SALT" --step-roots "$ROOT" --from operator`,
			PositionalArgs: args("job_id", "attempt", "salt"),
		},
		{
			RpcMethod: "ShowDifference", Use: "show-difference [job-id] [attempt] [number] [level] --parts [part],...",
			Short:          "Show what a result has where it differs from another",
			Long:           "Show the children of the node, or the row, at which two results differ, in base64, so that the chain finds the first entry that differs. The side that shows nothing in time is punished. The worker's daemon does this.",
			Example:        `assayd tx market show-difference 7 1 1 3 --parts "$FIRST" --parts "$SECOND" --from operator`,
			PositionalArgs: args("job_id", "attempt", "number", "level"),
		},
	}
}
