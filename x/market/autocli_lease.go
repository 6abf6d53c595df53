package market

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

func leaseQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Lease", Use: "lease [id]",
			Short:          "Show a lease with its funds",
			Long:           "Show a lease's window, rate, state and terms, what its account holds and when that is used up. A closed lease is found until its history is over.",
			Example:        "assayd query market lease 7 --output json",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Leases", Use: "leases",
			Short:   "List leases, oldest first",
			Long:    "List all leases, one customer's or one operator's. With --active closed leases are left out. At most 500 a page.",
			Example: "assayd query market leases --active --page-limit 20\nassayd query market leases --operator assay1...",
		},
		{
			RpcMethod: "Calendar", Use: "calendar [device]",
			Short:          "Show when a device is taken",
			Long:           "Show the windows of a device that are rented or reserved, earliest first, in Unix seconds. The device is named by its id in hexadecimal.",
			Example:        "assayd query market calendar 4f2a...c7 --output json",
			PositionalArgs: args("device"),
		},
		{
			RpcMethod: "LeaseQuote", Use: "lease-quote [device] [seconds] [tier]",
			Short:          "Show the price of renting a device",
			Long:           "Show what an hour of a device costs, now or from a Unix second on, with its factors, the least deposit, the booking fee and what stands in the way. The price holds for five minutes; the device isn't held.",
			Example:        "assayd query market lease-quote 4f2a...c7 7200 lease-tier-standard --output json",
			PositionalArgs: args("device", "seconds", "tier"),
		},
	}
}

func leaseCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "OpenLease", Use: "open-lease [device] [seconds] [tier] [max-rate] [deposit]",
			Short:          "Rent an idle device from now on",
			Long:           "Rent an idle device, named in base64, from now on. The deposit is locked and what is not used comes back. The command `assayd lease open` asks for the price first.",
			Example:        "assayd tx market open-lease q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= 7200 lease-tier-standard 40000uassay 80000uassay --from customer",
			PositionalArgs: args("device", "seconds", "tier", "max_rate", "deposit"),
		},
		{
			RpcMethod: "ReserveLease", Use: "reserve-lease [device] [seconds] [tier] [max-rate] [deposit] --start [time]",
			Short:          "Rent a device for a later window",
			Long:           "Rent a device, named in base64, for a later window. The lease begins by itself. Whoever takes a reservation back late pays the other side the booking fee.",
			Example:        "assayd tx market reserve-lease q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng= 7200 lease-tier-fast 80000uassay 160000uassay --start 2027-01-31T18:00:00Z --from customer",
			PositionalArgs: args("device", "seconds", "tier", "max_rate", "deposit"),
		},
		{
			RpcMethod: "ExtendLease", Use: "extend-lease [lease-id] [seconds] [max-rate] [deposit]",
			Short:          "Move the end of a lease",
			Long:           "Add seconds to a reserved or active lease. From then on an hour costs the higher of the agreed and the present price, at most max-rate. The deposit is added, and may be 0.",
			Example:        "assayd tx market extend-lease 7 3600 40000uassay 40000uassay --from customer",
			PositionalArgs: args("lease_id", "seconds", "max_rate", "deposit"),
		},
		{
			RpcMethod: "CloseLease", Use: "close-lease [lease-id] [motive]",
			Short:          "End a lease early, or take a reservation back",
			Long:           "End a lease as its customer or its operator. An active one goes on until the notice is over; during an outage, and before it begins, it ends at once. With --abandon the operator leaves without notice, and is punished.",
			Example:        "assayd tx market close-lease 7 lease-motive-not-needed --from customer",
			PositionalArgs: args("lease_id", "motive"),
		},
		{
			RpcMethod: "ReportOutage", Use: "report-outage [lease-id]",
			Short:          "Tell that a rented device can't be reached",
			Long:           "Stop access and pay at once. The operator answers, leaves, or is punished after the lease's longest outage. The last of a lease's complaints ends it.",
			Example:        "assayd tx market report-outage 7 --from customer",
			PositionalArgs: args("lease_id"),
		},
		{
			RpcMethod: "ReportRecovery", Use: "report-recovery [lease-id]",
			Short:          "Tell that a rented device can be reached again",
			Long:           "Answer an outage: access and pay go on.",
			Example:        "assayd tx market report-recovery 7 --from operator",
			PositionalArgs: args("lease_id"),
		},
		{
			RpcMethod: "ReportLiveness", Use: "report-liveness [lease-id] [seconds] [signature]",
			Short:          "Hand in a statement of the customer's gateway",
			Long:           "Be paid for the seconds, in all since the lease became active, that the customer's gateway signed, 64 bytes in base64.",
			Example:        `assayd tx market report-liveness 7 3600 "$SIGNATURE" --from operator`,
			PositionalArgs: args("lease_id", "seconds", "signature"),
		},
	}
}
