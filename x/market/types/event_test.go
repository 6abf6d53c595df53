package types_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/types"
)

// TestAssignmentsAreToldAsTypedEvents compares the event with what the SDK makes of it.
func TestAssignmentsAreToldAsTypedEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := rapid.SampledFrom([]int64{1, 1_000, 1_000_000, 1_000_000_000}).Draw(t, "unit") * rapid.Int64Range(0, 1<<30).Draw(t, "moment")
		event := types.EventJobAssigned{
			JobId: rapid.Uint64().Draw(t, "job"), Attempt: rapid.Uint32().Draw(t, "attempt"),
			Worker:   sdk.AccAddress(rapid.SliceOfN(rapid.Byte(), 20, 32).Draw(t, "worker")).String(),
			Device:   rapid.SliceOfN(rapid.Byte(), 1, 32).Draw(t, "device"),
			Price:    sdk.NewCoin("uassay", math.NewIntFromUint64(rapid.Uint64().Draw(t, "price")).MulRaw(rapid.Int64Range(0, 1<<40).Draw(t, "times"))),
			CommitBy: time.Unix(1_800_000_000, nanos).In(time.FixedZone("elsewhere", 3600)),
		}
		want, err := sdk.TypedEventToEvent(&event)
		require.NoError(t, err)
		require.Equal(t, want, event.ABCI())
	})
}
