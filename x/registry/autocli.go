package registry

import (
	"slices"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/assaychain/assay/x/registry/types"
)

// exampleDevice is a device id as the examples show it.
const exampleDevice = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Query_serviceDesc.ServiceName,
			Short:                "Query operators and devices",
			EnhanceCustomCommand: true,
			RpcCommandOptions:    slices.Concat(queryCommands(), modelQueries(), locationQueries(), poolQueries(), []*autocliv1.RpcCommandOptions{qualityQuery()}),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			Short:                "Register and change operators and devices",
			EnhanceCustomCommand: true,
			RpcCommandOptions: slices.Concat(operatorCommands(), deviceCommands(), checkCommands(), powerCommands(), poolCommands(),
				[]*autocliv1.RpcCommandOptions{reportCommand(), modelCommand()}),
		},
	}
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params", Use: "params",
			Short:   "Show the rules for devices",
			Long:    "Show each device class's bond and lanes, how many devices an operator may have, and the lowest price.",
			Example: "assayd query registry params --output json",
		},
		{
			RpcMethod: "Operator", Use: "operator [address]",
			Short:          "Show an operator",
			Long:           "Show an operator's name, endpoint, payout address and number of devices.",
			Example:        "assayd query registry operator assay1...",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
		},
		{
			RpcMethod: "Operators", Use: "operators",
			Short:   "List the operators",
			Long:    "List the operators in the order of their addresses.",
			Example: "assayd query registry operators --page-limit 20",
		},
		{
			RpcMethod: "Device", Use: "device [id]",
			Short:          "Show a device",
			Long:           "Show a device by its id, the SHA-256 of the hardware's UUID in 64 hexadecimal characters.",
			Example:        "assayd query registry device " + exampleDevice,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
		},
		{
			RpcMethod: "Devices", Use: "devices",
			Short:       "List devices, all or one operator's",
			Long:        "List the devices in the order of their ids; with --operator only that operator's.",
			FlagOptions: map[string]*autocliv1.FlagOptions{"operator": {Usage: "list only this operator's devices"}},
			Example:     "assayd query registry devices --operator assay1... --page-limit 20",
		},
		{
			RpcMethod: "SpotCheck", Use: "spot-check [device]",
			Short:          "Show a device's last spot check",
			Long:           "Show a device's last spot check, open or over, and the clock that its deadline is on. The device is named by its id in 64 hexadecimal characters.",
			Example:        "assayd query registry spot-check " + exampleDevice,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "device"}},
		},
		{
			RpcMethod: "SpotChecks", Use: "spot-checks",
			Short: "List last spot checks, all or one operator's",
			Long:  "List the last spot check of each device that had one, in the order of the devices; with --operator only of that operator's devices, with --state only those that stand there.",
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"operator": {Usage: "list only those of this operator's devices"}, "state": {Usage: "list only those in this state"},
			},
			Example: "assayd query registry spot-checks --state missed --page-limit 20",
		},
	}
}

func operatorCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "RegisterOperator", Use: "register-operator [moniker] [endpoint]",
			Short:          "Become an operator",
			Long:           "Register the signer as an operator. The endpoint is the worker's URL. Payments go to the signer unless --payout-address names another account.",
			FlagOptions:    payoutFlag(),
			Example:        "assayd tx registry register-operator \"Nice GPUs\" https://worker.example.com:7433 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "moniker"}, {ProtoField: "endpoint"}},
		},
		{
			RpcMethod: "UpdateOperator", Use: "update-operator [moniker] [endpoint]",
			Short:          "Replace an operator's record",
			Long:           "Replace the signer's name, endpoint, payout address and relay. All are replaced: payments go to the signer unless --payout-address is given again, and a relay ends unless --relay-url and --relay-key (32 bytes in base64) are given again.",
			FlagOptions:    payoutFlag(),
			Example:        "assayd tx registry update-operator \"Nice GPUs\" https://worker.example.com:7433 --payout-address assay1... --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "moniker"}, {ProtoField: "endpoint"}},
		},
		{
			RpcMethod: "UpdateParams", Use: "update-params-proposal [params]",
			Short: "Propose new parameters to governance",
			Long: "Submit a proposal to replace all parameters; every field must be given, with one rule for each of the five classes. Devices that are registered keep their terms " +
				"until their operator touches one of them. Start from the output of the params query.",
			Example:        `assayd tx registry update-params-proposal '{"classes":[{"class":"DEVICE_CLASS_CPU","min_bond":"10000000","max_lanes":4,"check_size":1024, ...}, ...],"max_devices_per_operator":64,"min_price":"1"}' --from proposer`,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
			GovProposal:    true,
		},
	}
}

func deviceCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "RegisterDevice", Use: "register-device [id] [model]",
			Short: "Add a device",
			Long: "Add a device to the signer. The id is the SHA-256 of the hardware's UUID, unique on the network. The bond must cover the device's class beside the devices there are. " +
				"The price is in uassay per 10^9 multiply-accumulates. With --cell jobs that want to be near find the device; assay-worker register --location makes the cell of a place.",
			FlagOptions: offerFlags(map[string]*autocliv1.FlagOptions{
				"class":      {Usage: "class of the hardware, which decides the bond"},
				"backend":    {Usage: "interface through which the device is driven"},
				"memory_mib": {Usage: "memory in MiB"},
			}),
			Example: "assayd tx registry register-device " + exampleDevice + " \"NVIDIA H100\" --class datacentre --backend cuda " +
				"--memory-mib 81559 --lanes 2 --price 150 --cell 522 --available --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}, {ProtoField: "model"}},
		},
		{
			RpcMethod: "UpdateDevice", Use: "update-device [id]",
			Short: "Change a device's offer",
			Long: "Replace a device's lanes, price, levels of assurance, cell and availability; jobs in flight keep their terms. Without --available the device takes no new jobs, " +
				"without --cell it tells no longer where it is. " +
				"Making it available needs an operator that is not jailed and a bond that covers all its devices.",
			FlagOptions:    offerFlags(map[string]*autocliv1.FlagOptions{}),
			Example:        "assayd tx registry update-device " + exampleDevice + " --lanes 2 --price 140 --cell 522 --available --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
		},
		{
			RpcMethod: "RetireDevice", Use: "retire-device [id]",
			Short:          "Remove an idle device",
			Long:           "Remove a device that has no job; its id may then be registered anew and its class's bond is free. A jailed operator may not.",
			Example:        "assayd tx registry retire-device " + exampleDevice + " --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
		},
	}
}

// checkCommands are for whoever answers by hand; a worker does it by itself.
func checkCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "CommitSpotCheck", Use: "commit-spot-check [device] [check] [commitment]",
			Short:   "Commit to the products of a spot check",
			Long:    "Commit to the products of a spot check of one of the signer's devices. A running worker does this by itself; the commitment is made by the package spotcheck.",
			Example: "assayd tx registry commit-spot-check " + exampleDevice + " 12 " + exampleDevice + " --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{
				{ProtoField: "device"}, {ProtoField: "check"}, {ProtoField: "commitment"},
			},
		},
		{
			RpcMethod: "OpenSpotCheck", Use: "open-spot-check [device] [check]",
			Short:          "Open the drawn entries of a spot check",
			Long:           "Open the entries that were drawn of a spot check's products, given by --roots and --entries. A running worker does this by itself.",
			Example:        "assayd tx registry open-spot-check " + exampleDevice + " 12 --roots ... --entries ... --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "device"}, {ProtoField: "check"}},
		},
	}
}

// offerFlags adds the flags of what an operator may change of a device.
func offerFlags(flags map[string]*autocliv1.FlagOptions) map[string]*autocliv1.FlagOptions {
	flags["lanes"] = &autocliv1.FlagOptions{Usage: "jobs that the device takes at a time"}
	flags["price"] = &autocliv1.FlagOptions{Usage: "price in uassay per 10^9 multiply-accumulates"}
	flags["cell"] = &autocliv1.FlagOptions{Usage: "cell of the grid that the device stands in, from 1 to 648; 0 tells none"}
	flags["available"] = &autocliv1.FlagOptions{Usage: "take new jobs"}
	return flags
}

func payoutFlag() map[string]*autocliv1.FlagOptions {
	return map[string]*autocliv1.FlagOptions{"payout_address": {Usage: "account that payments go to instead of the signer"}}
}
