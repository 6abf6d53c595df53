package keeper_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/registry/types"
)

var (
	curator = sdk.AccAddress("curator_____________")
	heir    = sdk.AccAddress("heir________________")
)

// members are registered operators as a pool lists them: ascending as they are written.
func (f *fixture) members(n int) []string {
	var list []string
	for i := range n {
		address := sdk.AccAddress(slices.Concat([]byte("member____________"), []byte{byte(i), byte(i >> 8)}))
		if _, err := f.keeper.Operator(f.ctx, address); err != nil {
			_, err := f.msgs.RegisterOperator(f.ctx, &types.MsgRegisterOperator{Operator: address.String(), Moniker: "m", Endpoint: "http://a"})
			require.NoError(f.t, err)
		}
		list = append(list, address.String())
	}
	slices.Sort(list)
	return list
}

func (f *fixture) createPool(owner sdk.AccAddress, name string, operators ...string) (pool uint64, err error) {
	err = f.do(func(ctx sdk.Context) error {
		response, err := f.msgs.CreatePool(ctx, &types.MsgCreatePool{Owner: owner.String(), Name: name, Operators: operators})
		if err == nil {
			pool = response.Pool
		}
		return err
	})
	return pool, err
}

func (f *fixture) updatePool(msg types.MsgUpdatePool) error {
	return f.do(func(ctx sdk.Context) error { _, err := f.msgs.UpdatePool(ctx, &msg); return err })
}

func (f *fixture) deletePool(owner sdk.AccAddress, pool uint64) error {
	return f.do(func(ctx sdk.Context) error {
		_, err := f.msgs.DeletePool(ctx, &types.MsgDeletePool{Owner: owner.String(), Pool: pool})
		return err
	})
}

func (f *fixture) poolOperators(pool uint64) []string {
	list, err := f.keeper.PoolOperators(f.ctx, pool)
	require.NoError(f.t, err)
	return list
}

func TestPoolsAreTheirOwners(t *testing.T) {
	f := newFixture(t)
	m := f.members(4)
	pool, err := f.createPool(curator, "Hospitals", m[0], m[1])
	require.NoError(t, err)
	require.EqualValues(t, 1, pool)
	require.Equal(t, m[:2], f.poolOperators(pool))
	inside, err := f.keeper.InPool(f.ctx, pool, sdk.MustAccAddressFromBech32(m[1]))
	require.NoError(t, err)
	require.True(t, inside)

	require.ErrorIs(t, f.updatePool(types.MsgUpdatePool{Owner: heir.String(), Pool: pool, Add: m[2:]}), types.ErrNotPoolOwner)
	require.ErrorIs(t, f.deletePool(heir, pool), types.ErrNotPoolOwner)
	require.NoError(t, f.updatePool(types.MsgUpdatePool{
		Owner: curator.String(), Pool: pool, Add: m[2:], Remove: m[:1], Name: "Clinics", NewOwner: heir.String(),
	}))
	require.Equal(t, m[1:], f.poolOperators(pool))
	got, err := f.keeper.Pool(f.ctx, pool)
	require.NoError(t, err)
	require.Equal(t, types.Pool{Id: pool, Owner: heir.String(), Name: "Clinics", Operators: 3}, got)
	require.NoError(t, f.keeper.Invariants(f.ctx))

	require.ErrorIs(t, f.deletePool(curator, pool), types.ErrNotPoolOwner)
	require.NoError(t, f.updatePool(types.MsgUpdatePool{Owner: heir.String(), Pool: pool, Remove: m[1:]}))
	require.Empty(t, f.poolOperators(pool))
	require.NoError(t, f.deletePool(heir, pool))
	_, err = f.keeper.Pool(f.ctx, pool)
	require.ErrorIs(t, err, types.ErrPoolNotFound)
	again, err := f.createPool(heir, "Another")
	require.NoError(t, err)
	require.EqualValues(t, 2, again, "ids are not used twice")
	require.NoError(t, f.keeper.Invariants(f.ctx))
}

func TestBadPoolsChangeNothing(t *testing.T) {
	f := newFixture(t)
	params := unchecked()
	params.MaxPoolOperators = 3
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	m := f.members(5)
	pool, err := f.createPool(curator, "p", m[0], m[2])
	require.NoError(t, err)
	before := f.export()
	stranger := sdk.AccAddress("nobody______________").String()
	for name, c := range map[string]struct {
		operators []string
		name      string
		want      error
	}{
		"no name":        {nil, "", types.ErrField},
		"long name":      {nil, string(make([]byte, types.MaxPoolName+1)), types.ErrField},
		"control in it":  {nil, "a\nb", types.ErrField},
		"descending":     {[]string{m[1], m[0]}, "p", types.ErrPool},
		"twice":          {[]string{m[1], m[1]}, "p", types.ErrPool},
		"too many":       {m[:4], "p", types.ErrPool},
		"no address":     {[]string{"x"}, "p", types.ErrAddress},
		"not registered": {[]string{stranger}, "p", types.ErrOperatorNotFound},
	} {
		_, err := f.createPool(curator, c.name, c.operators...)
		require.ErrorIs(t, err, c.want, name)
	}
	for name, c := range map[string]struct {
		change types.MsgUpdatePool
		want   error
	}{
		"nothing":          {types.MsgUpdatePool{}, types.ErrPool},
		"another pool":     {types.MsgUpdatePool{Pool: 9, Name: "q"}, types.ErrPoolNotFound},
		"in it already":    {types.MsgUpdatePool{Add: m[:1]}, types.ErrPool},
		"not in it":        {types.MsgUpdatePool{Remove: m[1:2]}, types.ErrPool},
		"in and out":       {types.MsgUpdatePool{Add: m[1:2], Remove: m[1:2]}, types.ErrPool},
		"above the limit":  {types.MsgUpdatePool{Add: []string{m[1], m[3]}}, types.ErrPool},
		"to nobody":        {types.MsgUpdatePool{NewOwner: "x"}, types.ErrAddress},
		"name":             {types.MsgUpdatePool{Name: "\x7f"}, types.ErrField},
		"stranger":         {types.MsgUpdatePool{Add: []string{stranger}}, types.ErrOperatorNotFound},
		"too many at once": {types.MsgUpdatePool{Remove: make([]string, types.PoolLimit+1)}, types.ErrPool},
	} {
		c.change.Owner = curator.String()
		if c.change.Pool == 0 {
			c.change.Pool = pool
		}
		require.ErrorIs(t, f.updatePool(c.change), c.want, name)
	}
	require.ErrorIs(t, f.deletePool(curator, 9), types.ErrPoolNotFound)
	require.Equal(t, before, f.export())

	// Governance lowers the limit: a pool above it can shrink.
	params.MaxPoolOperators = 1
	require.NoError(t, f.keeper.SetParams(f.ctx, params))
	require.NoError(t, f.updatePool(types.MsgUpdatePool{Owner: curator.String(), Pool: pool, Name: "still"}))
	require.NoError(t, f.updatePool(types.MsgUpdatePool{Owner: curator.String(), Pool: pool, Remove: m[:1]}))
}

func TestWhoNamesOperatorsPaysForEach(t *testing.T) {
	f := newFixture(t)
	m := f.members(2)
	gas := func(operators ...string) uint64 {
		before := f.ctx.GasMeter().GasConsumed()
		_, err := f.createPool(curator, "p", operators...)
		require.NoError(t, err)
		return f.ctx.GasMeter().GasConsumed() - before
	}
	require.Greater(t, gas(m...), gas(m[0])+types.PoolOperatorGas)
	before := f.ctx.GasMeter().GasConsumed()
	_, err := f.createPool(curator, "p", make([]string, 1_000_000)...)
	require.ErrorIs(t, err, types.ErrPool)
	require.GreaterOrEqual(t, f.ctx.GasMeter().GasConsumed()-before, uint64(1_000_000*types.PoolOperatorGas), "before anything is read")
}

func TestPoolQueries(t *testing.T) {
	f := newFixture(t)
	m := f.members(3)
	for i, owner := range []sdk.AccAddress{curator, heir, curator} {
		_, err := f.createPool(owner, "p", m[i])
		require.NoError(t, err)
	}
	one, err := f.queries.Pool(f.ctx, &types.QueryPoolRequest{Pool: 2})
	require.NoError(t, err)
	require.Equal(t, heir.String(), one.Pool.Owner)
	require.Equal(t, m[1:2], one.Operators)
	page, err := f.queries.Pools(f.ctx, &types.QueryPoolsRequest{Pagination: &query.PageRequest{Limit: 2}})
	require.NoError(t, err)
	require.Len(t, page.Pools, 2)
	page, err = f.queries.Pools(f.ctx, &types.QueryPoolsRequest{Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.EqualValues(t, 3, page.Pools[0].Id)
	page, err = f.queries.Pools(f.ctx, &types.QueryPoolsRequest{Owner: curator.String()})
	require.NoError(t, err)
	require.Len(t, page.Pools, 2)
	require.EqualValues(t, 3, page.Pools[1].Id)

	_, err = f.queries.Pool(f.ctx, &types.QueryPoolRequest{Pool: 9})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.queries.Pools(f.ctx, &types.QueryPoolsRequest{Owner: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Pool(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Pools(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// TestPoolsUnderRandomUse compares the pools with a model of them, and their books after every step.
func TestPoolsUnderRandomUse(t *testing.T) {
	type pool struct {
		owner   string
		members map[string]bool
	}
	f := newFixture(t)
	m := f.members(6)
	whole := f.ctx
	rapid.Check(t, func(t *rapid.T) {
		f.ctx, _ = whole.CacheContext()
		model := map[uint64]pool{}
		who := rapid.SampledFrom([]sdk.AccAddress{curator, heir})
		some := rapid.Custom(func(t *rapid.T) (list []string) {
			for _, operator := range m {
				if rapid.IntRange(0, 2).Draw(t, "in") == 0 {
					list = append(list, operator)
				}
			}
			return list
		})
		id := rapid.Uint64Range(1, 5)
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				owner, list := who.Draw(t, "owner"), some.Draw(t, "operators")
				made, err := f.createPool(owner, "p", list...)
				require.NoError(t, err)
				model[made] = pool{owner.String(), set(list)}
			},
			"update": func(t *rapid.T) {
				change := types.MsgUpdatePool{
					Owner: who.Draw(t, "owner").String(), Pool: id.Draw(t, "pool"), Add: some.Draw(t, "add"), Remove: some.Draw(t, "remove"),
				}
				if rapid.IntRange(0, 3).Draw(t, "hand over") == 0 {
					change.NewOwner = who.Draw(t, "heir").String()
				}
				known, there := model[change.Pool]
				fits := there && known.owner == change.Owner && len(change.Add)+len(change.Remove)+len(change.NewOwner) > 0
				next := set(nil)
				for operator := range known.members {
					next[operator] = true
				}
				for _, operator := range change.Remove {
					fits = fits && next[operator]
					delete(next, operator)
				}
				for _, operator := range change.Add {
					fits = fits && !known.members[operator]
					next[operator] = true
				}
				require.Equal(t, fits, f.updatePool(change) == nil)
				if fits {
					known.members = next
					if change.NewOwner != "" {
						known.owner = change.NewOwner
					}
					model[change.Pool] = known
				}
			},
			"delete": func(t *rapid.T) {
				owner, pool := who.Draw(t, "owner"), id.Draw(t, "pool")
				known, there := model[pool]
				fits := there && known.owner == owner.String()
				require.Equal(t, fits, f.deletePool(owner, pool) == nil)
				if fits {
					delete(model, pool)
				}
			},
			"": func(t *rapid.T) {
				for pool := range uint64(6) {
					require.Equal(t, slices.Sorted(maps.Keys(model[pool].members)), f.poolOperators(pool), "pool %d", pool)
				}
			},
		})
		require.NoError(t, f.keeper.Invariants(f.ctx))
	})
}

// set is a list as a set.
func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, entry := range list {
		out[entry] = true
	}
	return out
}

// BenchmarkPoolRead is what a job's tries pay for: the operators of a pool of the largest size.
func BenchmarkPoolRead(b *testing.B) {
	f := newFixture(b)
	params := unchecked()
	params.MaxPoolOperators = types.PoolLimit
	require.NoError(b, f.keeper.SetParams(f.ctx, params))
	pool, err := f.createPool(curator, "p", f.members(types.PoolLimit)...)
	require.NoError(b, err)
	for b.Loop() {
		require.Len(b, f.poolOperators(pool), types.PoolLimit)
	}
}

func BenchmarkPoolOperators(b *testing.B) {
	var list []string
	for i := range types.PoolLimit {
		list = append(list, sdk.AccAddress(slices.Concat([]byte("member____________"), []byte{byte(i), byte(i >> 8)})).String())
	}
	slices.Sort(list)
	for b.Loop() {
		if _, err := types.ParsePoolOperators("operators", list); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/operator")
}
