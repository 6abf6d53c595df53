package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/proofs/types"
)

func TestInvariantsFindBrokenBooks(t *testing.T) {
	for name, spoil := range map[string]func(sdk.Context, *Keeper) error{
		"index without a circuit": func(ctx sdk.Context, k *Keeper) error { return k.active.Set(ctx, 256, "opening-256") },
		"circuit that is none": func(ctx sdk.Context, k *Keeper) error {
			return k.circuits.Set(ctx, "opening-256", types.Circuit{Id: "opening-256"})
		},
		"parameters": func(ctx sdk.Context, k *Keeper) error { return k.params.Set(ctx, types.Params{}) },
	} {
		key := storetypes.NewKVStoreKey(types.StoreKey)
		ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
		k, err := NewKeeper(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()), runtime.NewKVStoreService(key), "authority")
		require.NoError(t, err)
		require.NoError(t, k.InitGenesis(ctx, types.DefaultGenesis()))
		require.NoError(t, k.Invariants(ctx))
		require.NoError(t, spoil(ctx, k), name)
		require.Error(t, k.Invariants(ctx), name)
	}
}

// PointClass breaks the index by class on purpose, for the tests outside this package, which have circuits with keys.
func (k *Keeper) PointClass(ctx sdk.Context, class uint32, id string) error {
	return k.active.Set(ctx, class, id)
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

// PointModel does the same to the index by model.
func (k *Keeper) PointModel(ctx sdk.Context, hash [32]byte, id string) error {
	return k.models.Set(ctx, hash[:], id)
}
