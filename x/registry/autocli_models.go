package registry

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

func modelQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "GpuModel", Use: "gpu-model [model]",
			Short: "Show a model of the GPU catalogue",
			Long: "Show a model's figures with their sources, its class, its score at the edge (0 to 100) and the precision recommended for it. " +
				"The model is named by its key or by any name that a driver reports it by.",
			Example: "assayd query registry gpu-model nvidia-geforce-rtx-4090\n" +
				"  assayd query registry gpu-model \"AMD Radeon RX 7900 XTX (RADV NAVI31)\" --output json",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "model"}},
		},
		{
			RpcMethod: "GpuModels", Use: "gpu-models",
			Short:       "List the GPU catalogue, all or a class",
			Long:        "List the models of the catalogue in the order of their keys; with --class only those of the class.",
			FlagOptions: map[string]*autocliv1.FlagOptions{"class": {Usage: "list only models of this class"}},
			Example:     "assayd query registry gpu-models --class datacentre --page-limit 20",
		},
	}
}

func modelCommand() *autocliv1.RpcCommandOptions {
	return &autocliv1.RpcCommandOptions{
		RpcMethod: "UpsertGpuModel", Use: "upsert-gpu-model-proposal [model]",
		Short: "Propose a model for the GPU catalogue to governance",
		Long: "Submit a proposal to add a model to the catalogue, or to replace the one with its key. Throughput is dense, in 10^9 operations a second, " +
			"a multiply-accumulate counting two; 0 says that a figure is not known. Devices that are registered keep their class. " +
			"Start from the output of the gpu-model query.",
		Example: `assayd tx registry upsert-gpu-model-proposal '{"key":"nvidia-h300","vendor":"NVIDIA","name":"NVIDIA H300","architecture":"Hopper",` +
			`"class":"DEVICE_CLASS_DATACENTRE","memory_mib":147456,"int8_gops":"2000000","bandwidth_mbps":"5000000","tdp_watts":700,"released":"2026-10",` +
			`"backends":["BACKEND_CUDA"],"sources":["https://vendor.example/h300"]}' --from proposer`,
		PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "model"}},
		GovProposal:    true,
	}
}
