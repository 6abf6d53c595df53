package registry

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

func qualityQuery() *autocliv1.RpcCommandOptions {
	return &autocliv1.RpcCommandOptions{
		RpcMethod: "Quality", Use: "quality [device]",
		Short: "Show a device's quality of service and condition",
		Long: "Show the five parts of a device's quality of service as they are now, in ten-thousandths, their weighted sum and the tier that it earns; with " +
			"what the device last reported of its temperature and power. The device is named by its id in 64 hexadecimal characters.",
		Example:        "assayd query registry quality " + exampleDevice,
		PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "device"}},
	}
}

func powerCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "ReportTelemetry", Use: "report-telemetry [device] [celsius]",
			Short: "Report a device's temperature",
			Long: "Report the condition of one of the signer's devices: its temperature in degrees Celsius, and what is known of its power, load and free memory. " +
				"A warm device comes after cooler ones, a hot one takes jobs on half of its lanes, one that is hotter takes none. A running worker does this by itself.",
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"watts": {Usage: "power that it draws, 0 when not known"}, "utilisation_percent": {Usage: "how busy it is, in percent"},
				"memory_free_mib": {Usage: "memory that is free, in MiB"},
			},
			Example:        "assayd tx registry report-telemetry " + exampleDevice + " 71 --watts 280 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "device"}, {ProtoField: "celsius"}},
		},
		{
			RpcMethod: "SetPowerBudget", Use: "set-power-budget [watts]",
			Short:          "Limit what your devices draw together",
			Long:           "Limit the watts that the signer's devices in use draw together; 0 ends the limit. A device for which there is no room takes no work. Jobs in flight go on.",
			Example:        "assayd tx registry set-power-budget 1500 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "budget"}},
		},
		{
			RpcMethod: "SetDevicePower", Use: "set-device-power [device]",
			Short: "Tell what a device draws, and in which hours it takes work",
			Long: "Replace what one of the signer's devices draws under load, in watts, and its hours of the day in UTC as a number whose bit h is the hour that begins at h. " +
				"Without --watts it draws what its model is rated for; without --hours it takes work at all hours. Outside its hours it is unavailable; jobs in flight go on.",
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"watts": {Usage: "power under load, from half to all of what the model is rated for; 0 as rated"},
				"hours": {Usage: "hours of the day, one bit each: 12582975 is 22 to 6 o'clock; 0 for all"},
			},
			Example:        "assayd tx registry set-device-power " + exampleDevice + " --watts 300 --hours 12582975 --from operator",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "device"}},
		},
	}
}
