package keeper

import (
	"context"
	"math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// checkSelection refuses a job that nobody may have: of a pool that is not there or has too few operators, or for attested devices where no
// spot check attests any. What becomes of the pool later is its owner's doing.
func (k *Keeper) checkSelection(ctx sdk.Context, spec types.Spec) error {
	r := spec.Requirements
	if r.Pool > 0 {
		ctx.GasMeter().ConsumeGas(types.GasPerPool, "market: operators of a pool")
		pool, err := k.ports.Registry.Pool(ctx, r.Pool)
		if err != nil {
			return types.ErrUnmeetable.Wrapf("requirements.pool: %s", err)
		}
		if pool.Operators < spec.Operators() {
			return types.ErrUnmeetable.Wrapf("requirements.pool: pool %d has %d operators: the job needs %d", r.Pool, pool.Operators, spec.Operators())
		}
	}
	if !r.AttestedOnly {
		return nil
	}
	after, err := k.ports.Registry.AttestsAfter(ctx)
	if err == nil && after == math.MaxUint64 {
		err = types.ErrUnmeetable.Wrap("requirements.attested_only: spot checks are off on this chain, so that no device is attested")
	}
	return err
}

// checkRestriction refuses a job whose model is for the operators of a pool that it does not name. The circuit is the one that was just fixed,
// so that who governs circuits moves no job that was submitted.
func (k *Keeper) checkRestriction(ctx sdk.Context, spec types.Spec) error {
	system, err := k.ports.Systems.For(spec.Assurance)
	if err != nil {
		return err
	}
	restricted, some := system.(types.Restricted)
	if !some {
		return nil
	}
	pool, err := restricted.Pool(ctx, workOf(spec))
	if err != nil {
		return types.ErrSpec.Wrapf("assurance %s: %s", spec.Assurance.Word(), err)
	}
	if pool > 0 && spec.Requirements.Pool != pool {
		return types.ErrUnmeetable.Wrapf("requirements.pool is %d: this model is for the operators of pool %d: name that one", spec.Requirements.Pool, pool)
	}
	return nil
}

// pool lists the operators of a pool, read once.
func (s *scan) pool(ctx context.Context, id uint64) ([]string, error) {
	if known, ok := s.pools[id]; ok {
		return known, nil
	}
	operators, err := s.keeper.ports.Registry.PoolOperators(ctx, id)
	if err == nil {
		s.pools[id] = operators
	}
	return operators, err
}

// attestsAfter is the moment that a device must be proven beyond to be attested, read once.
func (s *scan) attestsAfter(ctx context.Context) (uint64, error) {
	if s.attests != nil {
		return *s.attests, nil
	}
	after, err := s.keeper.ports.Registry.AttestsAfter(ctx)
	if err == nil {
		s.attests = &after
	}
	return after, err
}
