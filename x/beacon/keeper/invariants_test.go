package keeper

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/types"
)

// booked returns a keeper that holds one drained round and one that market has yet to drain.
func booked(t *testing.T) (sdk.Context, *Keeper) {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient")).WithBlockTime(time.Unix(2_000_000_000, 0).UTC())
	k, err := NewKeeper(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()), runtime.NewKVStoreService(key), "authority")
	require.NoError(t, err)
	state := types.DefaultGenesis()
	for round := uint64(1); round <= 2; round++ {
		signature := make([]byte, drand.SignatureSize)
		randomness := drand.Randomness(signature)
		state.Rounds = append(state.Rounds, types.Round{
			Round: round, Signature: signature, Randomness: randomness[:],
			Relayer: sdk.AccAddress("relayer_____________").String(), PostedAt: ctx.BlockTime(),
		})
	}
	state.LatestRound = 2
	state.Ready = []types.Request{{Round: 2, Consumer: "market"}}
	require.NoError(t, k.InitGenesis(ctx, state))
	require.NoError(t, k.Invariants(ctx))
	return ctx, k
}

func TestInvariantsFindBrokenBooks(t *testing.T) {
	for name, spoil := range map[string]func(sdk.Context, *Keeper) error{
		"ready without held": func(ctx sdk.Context, k *Keeper) error {
			return k.ready.Set(ctx, collections.Join3("dao", uint64(0), uint64(2)))
		},
		"held without ready": func(ctx sdk.Context, k *Keeper) error {
			return k.held.Set(ctx, collections.Join3(uint64(0), uint64(2), "dao"))
		},
		"requested, though there": func(ctx sdk.Context, k *Keeper) error {
			return k.requests.Set(ctx, collections.Join3(uint64(0), uint64(2), "dao"))
		},
		"held, though in history": func(ctx sdk.Context, k *Keeper) error {
			return k.history.Set(ctx, collections.Join3(ctx.BlockTime().Unix(), uint64(0), uint64(2)))
		},
		"drained, not in history": func(ctx sdk.Context, k *Keeper) error {
			return k.history.Remove(ctx, collections.Join3(ctx.BlockTime().Unix(), uint64(0), uint64(1)))
		},
		"history without a round": func(ctx sdk.Context, k *Keeper) error {
			return k.history.Set(ctx, collections.Join3(int64(5), uint64(0), uint64(9)))
		},
		"latest too low": func(ctx sdk.Context, k *Keeper) error { return k.latest.Set(ctx, 1) },
	} {
		ctx, k := booked(t)
		require.NoError(t, spoil(ctx, k), name)
		require.ErrorIs(t, k.Invariants(ctx), types.ErrInvariant, name)
	}
}

func TestConstructorRefusesWhatIsMissing(t *testing.T) {
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	service := runtime.NewKVStoreService(storetypes.NewKVStoreKey(types.StoreKey))
	_, err := NewKeeper(nil, service, "authority")
	require.Error(t, err)
	_, err = NewKeeper(cdc, nil, "authority")
	require.Error(t, err)
	_, err = NewKeeper(cdc, service, "")
	require.Error(t, err)
}
