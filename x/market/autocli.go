package market

import (
	"slices"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/market/types"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Query_serviceDesc.ServiceName,
			Short:                "Query jobs, leases, prices and the market's clock",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    append(queryCommands(), leaseQueries()...),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			Short:                "Submit jobs and answer them, rent devices",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    slices.Concat(customerCommands(), workerCommands(), leaseCommands()),
		},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	list := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, field := range fields {
		list[i] = &autocliv1.PositionalArgDescriptor{ProtoField: field}
	}
	return list
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params", Use: "params",
			Short:   "Show prices, windows, fees and limits",
			Long:    "Show the lowest price, the time allowed for each step, the fees and what a block does at most. Times are in active seconds: a halt of the chain doesn't count.",
			Example: "assayd query market params --output json",
		},
		{
			RpcMethod: "Job", Use: "job [id]",
			Short:          "Show a job with its specification",
			Long:           "Show a job's state, worker, price, commitment, seed and roots, and the program and inputs it was submitted with. A closed job is found until its history is over.",
			Example:        "assayd query market job 7",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Jobs", Use: "jobs",
			Short:   "List jobs, oldest first",
			Long:    "List all jobs, one customer's or one worker's, without their specifications. With --active closed jobs are left out. At most 500 a page.",
			Example: "assayd query market jobs --active --page-limit 20\nassayd query market jobs --worker assay1...",
		},
		{
			RpcMethod: "Challenge", Use: "challenge [id]",
			Short:          "Show the positions a job must be proven at",
			Long:           "Show the beacon round a committed job waits for and, once it is posted, the seed, the positions drawn from it and the circuit that proves each.",
			Example:        "assayd query market challenge 7 --output json",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Proofs", Use: "proofs [id]",
			Short:          "Show the proofs handed in for a job",
			Long:           "Show the proofs of a job in the order of its positions; none before they are handed in. They are kept until the job's history is over.",
			Example:        "assayd query market proofs 7 --output json",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Delivery", Use: "delivery [id]",
			Short:          "Show the sealed output of a claimed job",
			Long:           "Show the output that a worker sealed to the job's delivery key in answer to a claim, while it may be contested.",
			Example:        "assayd query market delivery 7 --output json",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Clock", Use: "clock",
			Short:   "Show the market's clock",
			Long:    "Show the active milliseconds since genesis, in which every deadline is counted, and the time of the last block.",
			Example: "assayd query market clock",
		},
		{
			RpcMethod: "Quote", Use: "quote",
			Short:   "Show the cheapest price for a program now",
			Long:    "Show the cheapest price at which an available device would take a program now, the program's multiply-accumulates and how many devices would take it. Nothing is reserved.",
			Example: `assayd query market quote --program "$(cat program.json)" --requirements '{"min_memory_mib":8192}'`,
		},
	}
}

func customerCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "SubmitJob", Use: "submit-job [max-price] --spec [json] --deadline [time]",
			Short:          "Submit a job and lock its price",
			Long:           "Submit a job. The specification is JSON: program, inputs (root and locators of each), requirements, policy, samples, assurance and delivery key; byte fields are base64. What the job does not cost comes back. The command `assayd job run` builds all of it from files.",
			Example:        `assayd tx market submit-job 500000uassay --spec "$(cat spec.json)" --deadline 2026-12-31T12:00:00Z --from customer`,
			PositionalArgs: args("max_price"),
		},
		{
			RpcMethod: "CancelJob", Use: "cancel-job [job-id]",
			Short:          "Take back a job that no worker has",
			Long:           "Close an open job with a full refund. A job that a worker has can't be cancelled: it is proven, or comes back.",
			Example:        "assayd tx market cancel-job 7 --from customer",
			PositionalArgs: args("job_id"),
		},
		{
			RpcMethod: "ClaimUndelivered", Use: "claim-undelivered [job-id]",
			Short:          "Tell that a proven result did not arrive",
			Long:           "Within the dispute window, demand that the worker puts the result on the chain, sealed to the job's delivery key. The claim fee is locked: it goes to the worker who answers truthfully, and comes back otherwise.",
			Example:        "assayd tx market claim-undelivered 7 --from customer",
			PositionalArgs: args("job_id"),
		},
		{
			RpcMethod: "ContestDelivery", Use: "contest-delivery [job-id] [delivery-secret]",
			Short:          "Show what a sealed output holds",
			Long:           "Give away the secret half of the job's delivery key, in base64, so that the chain opens the sealed output. If it isn't the proven result the worker is punished and everything is refunded; if it is, the worker is paid at once with the claim fee.",
			Example:        "assayd tx market contest-delivery 7 q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= --from customer",
			PositionalArgs: args("job_id", "delivery_secret"),
		},
		{
			RpcMethod: "UpdateParams", Use: "update-params-proposal [params]",
			Short:          "Submit a proposal that replaces the parameters",
			Long:           "Submit a governance proposal that replaces all of the market's parameters, given as JSON. The denomination can't change, and jobs in flight keep their deadlines and prices.",
			Example:        `assayd tx market update-params-proposal "$(assayd query market params --output json | jq .params)" --from validator`,
			PositionalArgs: args("params"),
			GovProposal:    true,
		},
	}
}

func workerCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "CommitResult", Use: "commit-result [job-id] [attempt] [commitment]",
			Short:          "Commit to the result of an assigned job",
			Long:           "Commit to the roots of every step's output, 32 bytes in base64, before the deadline. The worker's daemon does this.",
			Example:        "assayd tx market commit-result 7 1 q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= --from operator",
			PositionalArgs: args("job_id", "attempt", "commitment"),
		},
		{
			RpcMethod: "ReportUnavailable", Use: "report-unavailable [job-id] [attempt] [input]",
			Short:          "Tell that an input can't be fetched",
			Long:           "Give an assigned job back because one of its inputs, counted from 0, can't be fetched from any of its locators. It isn't punished; a second worker's report closes the job and both get a fee.",
			Example:        "assayd tx market report-unavailable 7 1 0 --from operator",
			PositionalArgs: args("job_id", "attempt", "input"),
		},
		{
			RpcMethod: "ProveResult", Use: "prove-result [job-id] [attempt] [round] --step-roots [root],... --proofs [proof],...",
			Short:          "Open the commitment and prove the drawn positions",
			Long:           "Hand in the roots that open the commitment and one proof a position, in the order drawn, each in base64. The verdict comes by event. The worker's daemon does this.",
			Example:        `assayd tx market prove-result 7 1 30663002 --step-roots "$ROOT" --proofs "$PROOF" --from operator`,
			PositionalArgs: args("job_id", "attempt", "round"),
		},
		{
			RpcMethod: "DeliverResult", Use: "deliver-result [job-id] [sealed]",
			Short:          "Answer a claim with the sealed output",
			Long:           "Put the output on the chain in a NaCl anonymous sealed box for the job's delivery key, in base64: its length plus 48 bytes. The worker's daemon does this.",
			Example:        `assayd tx market deliver-result 7 "$SEALED" --from operator`,
			PositionalArgs: args("job_id", "sealed"),
		},
		{
			RpcMethod: "AnswerContest", Use: "answer-contest [job-id] [opening]",
			Short:          "Open the commitment at the point that a contest drew",
			Long:           "Answer the contest of a delivery at the level full: the value of the result at the point and the proof of it, 64 bytes in base64. If it is what the sealed output holds the worker is paid, otherwise punished; an opening that does not hold changes nothing. The worker's daemon does this.",
			Example:        `assayd tx market answer-contest 7 "$OPENING" --from operator`,
			PositionalArgs: args("job_id", "opening"),
		},
	}
}
