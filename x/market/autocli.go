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
			RpcCommandOptions:    slices.Concat(queryCommands(), replicaQueries(), leaseQueries()),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			Short:                "Submit jobs and answer them, rent devices",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    slices.Concat(customerCommands(), workerCommands(), replicaCommands(), leaseCommands()),
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
			RpcMethod: "Disputes", Use: "disputes",
			Short:   "List jobs with an open dispute",
			Long:    "List jobs of which a watcher disputes an entry, all, those that one operator must answer, or those of one challenger. At most 500 a page.",
			Example: "assayd query market disputes --worker assay1...",
		},
		{
			RpcMethod: "DisputeTerms", Use: "dispute-terms [id]",
			Short:   "Show what a dispute of a job would cost now",
			Long:    "Show the bond of a job's next dispute, how many the present attempt may still see, and why it can't be disputed now if it can't.",
			Example: "assayd query market dispute-terms 7",
		},
		{
			RpcMethod: "Relays", Use: "relays [id]",
			Short:          "Show who holds the sealed output of a job that is too large for a transaction",
			Long:           "Show the claims of a job that relays answer while it is open: the fees, the relays drawn with their URLs and keys, whose receipts were handed over, and the root of the box.",
			Example:        "assayd query market relays 7 --output json",
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
			Short:   "Show the price for a program now",
			Long:    "Show the cheapest price at which an available device would take a program now, the price on the device that the scheduler would choose, the factors of tier and demand in it, and until when demand doesn't raise it. Nothing is reserved.",
			Example: `assayd query market quote --program "$(cat program.json)" --requirements '{"min_memory_mib":8192,"tier":"JOB_TIER_FAST"}'`,
		},
		{RpcMethod: "Explain", Skip: true},
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
			Long:           "Within the dispute window, demand that the worker puts the result on the chain, sealed to the job's delivery key. The claim fee is locked: it goes to the worker who answers truthfully, and comes back otherwise. A result that is too large for a transaction is handed to relays that a beacon round draws; the fee covers theirs too, and the job may be claimed once more if they don't serve it.",
			Example:        "assayd tx market claim-undelivered 7 --from customer",
			PositionalArgs: args("job_id"),
		},
		{
			RpcMethod: "ContestDelivery", Use: "contest-delivery [job-id] [delivery-secret]",
			Short:          "Show what a sealed output holds",
			Long:           "Give away the secret half of the job's delivery key, in base64, so that the chain opens the sealed output. If it isn't the proven result the worker is punished and everything is refunded; if it is, the worker is paid at once with the claim fee. Of a job of several operators the next one delivers after a false delivery: --next-delivery-key, in base64, is the fresh key that it must seal to, since everybody can open what is sealed to this one. `assayd job follow` does all of it.",
			Example:        "assayd tx market contest-delivery 7 q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= --from customer\nassayd tx market contest-delivery 8 q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= --next-delivery-key 3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08= --from customer",
			PositionalArgs: args("job_id", "delivery_secret"),
		},
		{
			RpcMethod: "DisputeResult", Use: "dispute-result [job-id] [attempt] [max-bond] --entry [json]",
			Short:          "Name a wrong entry of a proven result",
			Long:           "Post a bond and name one entry, by step, row and column counted from 0. The worker must prove exactly that entry in time or is punished, and the bond comes back with a reporter's share of what was slashed. If the entry is proven the bond is lost. The command `assayd job dispute` is shorter.",
			Example:        `assayd tx market dispute-result 7 1 50000uassay --entry '{"step":0,"row":3,"col":5}' --from watcher`,
			PositionalArgs: args("job_id", "attempt", "max_bond"),
		},
		{
			RpcMethod: "ContestHandOver", Use: "contest-hand-over [job-id] [delivery-secret] [fault] [level] [index] --chunks [json]",
			Short:          "Show one fault of the box that relays hold",
			Long:           "Give away the secret half of the job's delivery key, in base64, with the one or two sealed chunks that show a fault of the box and their paths. The worker is punished and everything but the relays' fees refunded; a fault that isn't shown is refused. The command `assayd job follow` finds and shows the fault.",
			Example:        `assayd tx market contest-hand-over 7 q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= relay-fault-row 0 12 --chunks "$DATA" --chunks "$DIGESTS" --from customer`,
			PositionalArgs: args("job_id", "delivery_secret", "fault", "level", "index"),
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
			RpcMethod: "AnswerDispute", Use: "answer-dispute [job-id] [attempt] [number] [proof]",
			Short:          "Prove the entry that a dispute names",
			Long:           "Hand in one proof, in base64, of the entry that the job's open dispute names. The verdict comes by event. The worker's daemon does this.",
			Example:        `assayd tx market answer-dispute 7 1 1 "$PROOF" --from operator`,
			PositionalArgs: args("job_id", "attempt", "number", "proof"),
		},
		{
			RpcMethod: "DeliverResult", Use: "deliver-result [job-id] [sealed]",
			Short:          "Answer a claim with the sealed output",
			Long:           "Put the output on the chain in a NaCl anonymous sealed box for the job's delivery key, in base64: its length plus 48 bytes. The worker's daemon does this.",
			Example:        `assayd tx market deliver-result 7 "$SEALED" --from operator`,
			PositionalArgs: args("job_id", "sealed"),
		},
		{
			RpcMethod: "HandOver", Use: "hand-over [job-id] [draw] [ephemeral-key] [box-root] --receipts [json]",
			Short:          "Show that relays hold the sealed output",
			Long:           "Answer a claim of an output that is too large for a transaction: the key and root of the sealed box, each 32 bytes in base64, and the receipts of enough of the relays drawn, in their order. The worker's daemon does this.",
			Example:        `assayd tx market hand-over 7 1 "$KEY" "$ROOT" --receipts "$FIRST" --receipts "$SECOND" --from operator`,
			PositionalArgs: args("job_id", "draw", "ephemeral_key", "box_root"),
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
