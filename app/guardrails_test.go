package app_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/dao/guardrail"
)

// newChain is a chain of one validator, with the beacon that its genesis must name.
func newChain(t *testing.T) *chain.Chain {
	t.Helper()
	key, err := devkey.FromSeed(make([]byte, 32))
	require.NoError(t, err)
	return chain.New(t, chain.Config{Beacon: beacontypes.Chain{
		PublicKey: key.PublicKey(), Period: 1, GenesisTime: chain.Start.Unix(), Scheme: drand.Scheme,
	}})
}

func TestDump(t *testing.T) {
	c := newChain(t)
	lines, err := c.App().Dao.Guardrails(c.Context(), "")
	require.NoError(t, err)
	for _, l := range lines {
		t.Log(strings.TrimSuffix(l.TypeUrl, ".MsgUpdateParams"), l.Field, l.Treatment, l.Present, "|", l.Min, l.Max, "|", l.Lowest, l.Highest)
	}
	_ = big.NewInt
	_ = proto.Marshal
	_ = sdk.Msg(nil)
	_ = guardrail.Default
}
