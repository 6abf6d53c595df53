package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/registry/types"
)

// InitGenesis writes a whole state into an empty store. What the bonds must cover, and the scores as rewards count them, are
// the bond module's state.
func (k *Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	if err := state.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, state.Params); err != nil {
		return err
	}
	if err := k.clock.Set(ctx, state.Clock); err != nil {
		return err
	}
	for _, model := range state.Models {
		if err := k.setModel(ctx, model); err != nil {
			return err
		}
	}
	for _, operator := range state.Operators {
		address, err := parseAddress("operator", operator.Address)
		if err != nil {
			return err
		}
		if err := k.operators.Set(ctx, address, operator); err != nil {
			return err
		}
	}
	for _, device := range state.Devices {
		address, err := parseAddress("operator", device.Operator)
		if err != nil {
			return err
		}
		if err := k.insert(ctx, address, device); err != nil {
			return err
		}
	}
	if err := k.initRelays(ctx, state.Relays); err != nil {
		return err
	}
	for _, point := range state.CellPoints {
		if err := k.cells.points.Set(ctx, point.Cell, point.Coordinates); err != nil {
			return err
		}
	}
	if err := k.initGauges(ctx, state); err != nil {
		return err
	}
	if err := k.initPools(ctx, state); err != nil {
		return err
	}
	return k.initChecks(ctx, state)
}

// initChecks writes spot checks and places. Where no places are given, devices get theirs in the order of the list.
func (k *Keeper) initChecks(ctx context.Context, state *types.GenesisState) error {
	if err := k.nextCheck.Set(ctx, state.LastCheck); err != nil {
		return err
	}
	if err := k.draw.Set(ctx, state.Draw); err != nil {
		return err
	}
	for _, check := range state.Checks {
		write := k.queue
		if !check.Open() {
			write = func(ctx context.Context, check types.SpotCheck) error { return k.checks.Set(ctx, check.Device, check) }
		}
		if err := write(ctx, check); err != nil {
			return err
		}
	}
	for _, place := range state.Places {
		if err := k.places.put(ctx, place); err != nil {
			return err
		}
	}
	if err := k.places.count.Set(ctx, uint64(len(state.Places))); err != nil || len(state.Places) > 0 {
		return err
	}
	for _, device := range state.Devices {
		if err := k.seat(ctx, types.Device{}, device); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state; lists are in the order of their keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	clock, err := k.clock.Get(ctx)
	if err != nil {
		return nil, err
	}
	state := &types.GenesisState{Params: params, Clock: clock}
	err = k.operators.Walk(ctx, nil, func(_ sdk.AccAddress, operator types.Operator) (bool, error) {
		state.Operators = append(state.Operators, operator)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.devices.Walk(ctx, nil, func(_ []byte, device types.Device) (bool, error) {
		state.Devices = append(state.Devices, device)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if err := k.exportModels(ctx, state); err != nil {
		return nil, err
	}
	if state.Relays, err = k.exportRelays(ctx); err != nil {
		return nil, err
	}
	err = k.cells.points.Walk(ctx, nil, func(cell uint32, at types.Coordinates) (bool, error) {
		state.CellPoints = append(state.CellPoints, types.CellPoint{Cell: cell, Coordinates: at})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if err := k.exportGauges(ctx, state); err != nil {
		return nil, err
	}
	if err := k.exportPools(ctx, state); err != nil {
		return nil, err
	}
	return state, k.exportChecks(ctx, state)
}

func (k *Keeper) exportChecks(ctx context.Context, state *types.GenesisState) (err error) {
	if state.LastCheck, err = k.nextCheck.Peek(ctx); err != nil {
		return err
	}
	if state.Draw, err = k.Draw(ctx); err != nil {
		return err
	}
	err = k.checks.Walk(ctx, nil, func(_ []byte, check types.SpotCheck) (bool, error) {
		state.Checks = append(state.Checks, check)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.places.places.Walk(ctx, nil, func(_ uint64, place types.Place) (bool, error) {
		state.Places = append(state.Places, place)
		return false, nil
	})
}
