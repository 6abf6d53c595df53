package registry

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

func poolQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Pool", Use: "pool [pool]",
			Short:          "Show a pool and its operators",
			Long:           "Show a pool's owner and name, and the operators that are in it.",
			Example:        "assayd query registry pool 7",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "pool"}},
		},
		{
			RpcMethod: "Pools", Use: "pools",
			Short:       "List pools of operators, all or one owner's",
			Long:        "List the pools in the order of their ids; with --owner only those that the account keeps.",
			FlagOptions: map[string]*autocliv1.FlagOptions{"owner": {Usage: "list only this account's pools"}},
			Example:     "assayd query registry pools --owner assay1... --page-limit 20",
		},
	}
}

func poolCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "CreatePool", Use: "create-pool [name]",
			Short: "Begin a pool of operators",
			Long: "Begin a pool of registered operators that the signer keeps. Customers name it to have a job done by its operators alone. " +
				"Operators are given in ascending order, each once.",
			FlagOptions:    map[string]*autocliv1.FlagOptions{"operators": {Usage: "operator to put into it; repeat the flag for others, ascending"}},
			Example:        "assayd tx registry create-pool \"Hospitals of the north\" --operators assay1... --operators assay1... --from curator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "name"}},
		},
		{
			RpcMethod: "UpdatePool", Use: "update-pool [pool]",
			Short: "Change a pool of operators",
			Long: "Put operators into one of the signer's pools, take others out, rename it or give it to another account. What isn't given stays. " +
				"Jobs that an operator has already go on; those that wait see the pool as it is.",
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"add":    {Usage: "operator to put into it; repeat the flag for others, ascending"},
				"remove": {Usage: "operator to take out; repeat the flag for others, ascending"},
				"name":   {Usage: "new name"}, "new_owner": {Usage: "account that has the pool from now on"},
			},
			Example:        "assayd tx registry update-pool 7 --add assay1... --remove assay1... --from curator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "pool"}},
		},
		{
			RpcMethod: "DeletePool", Use: "delete-pool [pool]",
			Short:          "Remove a pool of operators",
			Long:           "Remove one of the signer's pools. Jobs that name it and wait find nobody any more.",
			Example:        "assayd tx registry delete-pool 7 --from curator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "pool"}},
		},
	}
}
