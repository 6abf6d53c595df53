package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assaychain/assay/x/registry/qos"
	"github.com/assaychain/assay/x/registry/types"
)

// lens reads the quality of devices at one moment, so that it decays as it is read and nothing goes over all devices.
type lens struct {
	rules types.QualityRules
	// now is in seconds of the registry's clock.
	now uint32
}

func newLens(params types.Params, now uint64) lens {
	return lens{rules: params.Quality, now: uint32(now / 1_000)}
}

// lens is that of this block.
func (k *Keeper) lens(ctx context.Context) (lens, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return lens{}, err
	}
	clock, err := k.readingBy(ctx, params)
	return newLens(params, clock.ActiveMs), err
}

// read returns a device with its quality as it is now, and the parts of it.
func (l lens) read(device types.Device) (types.Device, qos.Reading, error) {
	quality, err := device.ServiceQuality()
	if err != nil {
		return device, qos.Reading{}, err
	}
	reading := device.Assess(quality, l.rules, l.now)
	return device, reading, nil
}

// seen is visit with each device's quality as it is now.
func (k *Keeper) seen(ctx context.Context, visit func(types.Device) (bool, error)) (func(types.Device) (bool, error), error) {
	view, err := k.lens(ctx)
	return func(device types.Device) (bool, error) {
		device, _, err := view.read(device)
		if err != nil {
			return true, err
		}
		return visit(device)
	}, err
}

// see adds an observation to a device's quality.
func (l lens) see(device *types.Device, seen types.Observation) error {
	quality, err := device.ServiceQuality()
	if err != nil {
		return err
	}
	l.write(device, seen.See(quality, *device, l.rules.HalfLifeSeconds, l.now))
	return nil
}

func (l lens) write(device *types.Device, quality qos.Quality) {
	device.Quality = quality.Pack()
	device.Assess(quality, l.rules, l.now)
}

// seePrice compares what a device that proved a job asked for it with what work of its class usually costs, which learns from it.
func (k *Keeper) seePrice(ctx context.Context, l lens, device *types.Device, price uint64) error {
	usual, err := k.gauges.usualPrice(ctx, device.Class)
	if err != nil {
		return err
	}
	next := types.NextPrice(usual, price)
	if usual == 0 {
		usual = price
	}
	quality, err := device.ServiceQuality()
	if err != nil {
		return err
	}
	quality.Cost = quality.Cost.Seen(qos.Thrift(price, usual), 1, l.now, l.rules.HalfLifeSeconds)
	l.write(device, quality)
	return k.gauges.prices.Set(ctx, uint32(device.Class), next)
}

// Quality returns a device's quality of service now, its condition and its power.
func (s queryServer) Quality(ctx context.Context, req *types.QueryQualityRequest) (*types.QueryQualityResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	id, err := types.ParseDeviceID(req.Device)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	stored, err := s.keeper.Device(ctx, id)
	if err != nil {
		return nil, err
	}
	view, err := s.keeper.lens(ctx)
	if err != nil {
		return nil, err
	}
	device, reading, err := view.read(stored)
	if err != nil {
		return nil, err
	}
	response := &types.QueryQualityResponse{
		LatencyBps: reading.Latency, AccuracyBps: reading.Accuracy, UptimeBps: reading.Uptime, PowerBps: reading.Power, CostBps: reading.Cost,
		QosBps: device.QosBps, Tier: device.Tier, Heat: device.Heat, OpenLanes: device.OpenLanes(), Draw: device.Draw(),
	}
	if response.ClockMs, err = s.keeper.Now(ctx); err != nil {
		return nil, err
	}
	report, found, err := s.keeper.gauges.report(ctx, id)
	if found {
		response.Telemetry = &report
	}
	return response, err
}
