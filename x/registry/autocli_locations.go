package registry

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

func locationQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Cells", Use: "cells [class]",
			Short: "List the cells that have devices of a class",
			Long: "List the cells in which devices of a class can take a job, how many there are, and the largest memory of the class. With --home they are listed from that cell " +
				"outwards, with the round trip in microseconds that the distance lets expect. Cell 0 stands for devices that told none.",
			FlagOptions:    map[string]*autocliv1.FlagOptions{"home": {Usage: "cell from which they are listed, the nearest first"}},
			Example:        "assayd query registry cells consumer --home 522",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "class"}},
		},
		{
			RpcMethod: "RoundTrip", Use: "round-trip [cell] [device]",
			Short: "Predict how long data takes between a cell and a device",
			Long: "Predict a round trip in microseconds between a cell, from 1 to 648, and a device: what is expected, what the two cells alone let expect, and what light in " +
				"fibre takes at least.",
			Example:        "assayd query registry round-trip 522 " + exampleDevice,
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "cell"}, {ProtoField: "device"}},
		},
	}
}

// reportCommand is for whoever reports by hand; a worker does it by itself.
func reportCommand() *autocliv1.RpcCommandOptions {
	return &autocliv1.RpcCommandOptions{
		RpcMethod: "ReportRoundTrips", Use: "report-round-trips [device]",
		Short: "Report round trips that a device measured",
		Long: "Report round trips that one of the signer's devices measured to devices of other operators, ascending by device: they move its coordinates in the network. " +
			"A running worker does this by itself.",
		Example: "assayd tx registry report-round-trips " + exampleDevice +
			` --round-trips '{"device":"YDA64iuZiGG847KPM+7BvnWKITyGyTwHbb6fVYwRx1I=","micros":23500}' --from operator`,
		PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "device"}},
	}
}
