package collvalue_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	bondtypes "github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/collvalue"
)

func cdc() codec.Codec { return codec.NewProtoCodec(codectypes.NewInterfaceRegistry()) }

func pools(t *rapid.T) bondtypes.Pool {
	amount := func(name string) math.Int {
		v := math.NewInt(rapid.Int64().Draw(t, name))
		return v.Mul(v).MulRaw(rapid.Int64Range(-9, 9).Draw(t, name+" times"))
	}
	pool := bondtypes.Pool{
		Operator: rapid.String().Draw(t, "operator"), Tokens: amount("tokens"), Shares: amount("shares"), UnbondingTokens: amount("unbonding"),
		UnbondingShares: amount("shares of it"), Exposure: amount("exposure"), Requirement: amount("requirement"), CommissionDue: amount("due"),
		RewardsHeld: amount("held"), RewardsPerShare: amount("a share"), RewardsCarry: amount("carry"), Weight: amount("weight"),
		Generation: rapid.Uint64().Draw(t, "generation"),
	}
	if rapid.Bool().Draw(t, "void") {
		at := time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "at"), 0).UTC()
		pool.VoidSince = &at
	}
	return pool
}

// TestSameAsTheSDK compares with the codec that it stands for: the same bytes, the same value read, the same refusals of damaged bytes.
func TestSameAsTheSDK(t *testing.T) {
	ours, theirs := collvalue.Of[bondtypes.Pool](cdc()), codec.CollValue[bondtypes.Pool](cdc())
	require.Equal(t, theirs.ValueType(), ours.ValueType())
	rapid.Check(t, func(t *rapid.T) {
		pool := pools(t)
		want, err := theirs.Encode(pool)
		require.NoError(t, err)
		got, err := ours.Encode(pool)
		require.NoError(t, err)
		require.Equal(t, want, got)
		if len(want) > 0 && rapid.Bool().Draw(t, "damage") {
			want[rapid.IntRange(0, len(want)-1).Draw(t, "at byte")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		}
		read, err := theirs.Decode(want)
		again, refused := ours.Decode(want)
		require.Equal(t, err == nil, refused == nil, "%v against %v", err, refused)
		if err == nil {
			require.Equal(t, read.String(), again.String())
		}
	})
}

// TestEmpty: a message without any field is stored as no bytes, which are not nil.
func TestEmpty(t *testing.T) {
	raw, err := collvalue.Of[bondtypes.MsgUpdateParamsResponse](cdc()).Encode(bondtypes.MsgUpdateParamsResponse{})
	require.NoError(t, err)
	require.NotNil(t, raw)
	require.Empty(t, raw)
}

// TestInterfacesAreUnpacked: what is read back can be used at once, as from the SDK's.
func TestInterfacesAreUnpacked(t *testing.T) {
	registry := codectypes.NewInterfaceRegistry()
	bondtypes.RegisterInterfaces(registry)
	values := collvalue.Of[govv1.Proposal](codec.NewProtoCodec(registry))
	msg, err := codectypes.NewAnyWithValue(&bondtypes.MsgBond{Operator: "op", Amount: math.OneInt()})
	require.NoError(t, err)
	raw, err := values.Encode(govv1.Proposal{Id: 1, Messages: []*codectypes.Any{msg}})
	require.NoError(t, err)
	read, err := values.Decode(raw)
	require.NoError(t, err)
	require.IsType(t, &bondtypes.MsgBond{}, read.Messages[0].GetCachedValue())
}
