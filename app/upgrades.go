package app

import (
	"context"
	"fmt"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// release is a named change of the running network: the plan that governance votes on carries its name.
type release struct {
	name   string
	stores storetypes.StoreUpgrades
}

// upgrades lists the changes this binary can carry a network through, oldest first. The first release needs none.
var upgrades []release

// registerUpgrades gives each upgrade a handler that runs the modules' migrations, and mounts its stores when the node
// starts at the height of its plan.
func (a *App) registerUpgrades() error {
	for _, u := range upgrades {
		a.Upgrade.SetUpgradeHandler(u.name, func(ctx context.Context, _ upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
			return a.ModuleManager.RunMigrations(ctx, a.migrations, from)
		})
	}
	plan, err := a.Upgrade.ReadUpgradeInfoFromDisk()
	if err != nil {
		return fmt.Errorf("read the pending upgrade: %w", err)
	}
	for _, u := range upgrades {
		if u.name == plan.Name && !a.Upgrade.IsSkipHeight(plan.Height) {
			a.SetStoreLoader(upgradetypes.UpgradeStoreLoader(plan.Height, &u.stores))
		}
	}
	return nil
}
