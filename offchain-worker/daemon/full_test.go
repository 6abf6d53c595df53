package daemon_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
	"github.com/assaychain/assay/x/proofs/full/setup"
	"github.com/assaychain/assay/x/proofs/program"
)

// TestDaemonProvesEveryEntry takes a job of four steps at the level full through its life: proven whole, withheld, claimed, delivered,
// contested without need, opened at the point that the chain drew, and paid with the fee of the claim.
func TestDaemonProvesEveryEntry(t *testing.T) {
	s := newStageAt(t, true)
	s.config.Proofs.FullString = fulltest.String(t)
	s.config.Faults = &config.Faults{WithholdOutput: true}
	s.register()
	require.Contains(t, s.levels(), program.ASSURANCE_FULL)
	stop, end := s.start()
	id := s.submitAt(actors.FullChain(t, 1, program.DATA_TYPE_INT8), markettypes.ASSURANCE_FULL)
	s.eventually("proven", func() bool { return s.job(id).State == markettypes.JOB_STATE_PROVEN })
	customer := s.network.Customers[0]
	s.node.Do(func(*testchain.Chain) { s.network.MustDeliver(customer.Account, customer.ClaimMsg(id)) })
	s.eventually("delivered", func() bool { return s.job(id).State == markettypes.JOB_STATE_DELIVERED })
	s.node.Do(func(*testchain.Chain) { s.network.MustDeliver(customer.Account, customer.ContestMsg(id)) })
	s.eventually("opened", func() bool { return s.job(id).State == markettypes.JOB_STATE_CLOSED })
	closed := s.job(id)
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED.String(), closed.CloseReason.String())
	require.Len(t, closed.ContestPoint, 32)
	require.Equal(t, closed.Price.Add(closed.ClaimFee).String(), closed.Paid.String())
	stop()
	require.NoError(t, <-end)
}

// TestForeignStringIsNotOffered starts with a string that is not of the chain's key: the level is taken out of the device's record.
func TestForeignStringIsNotOffered(t *testing.T) {
	s := newStageAt(t, true)
	s.config.Proofs.FullString = filepath.Join(t.TempDir(), "other.srs")
	require.NoError(t, setup.Develop(t.Context(), s.config.Proofs.FullString, setup.MinPoints, []byte("other")))
	s.register()
	require.Contains(t, s.levels(), program.ASSURANCE_FULL)
	stop, end := s.start()
	s.eventually("corrected", func() bool { return len(s.levels()) == 0 })
	stop()
	require.NoError(t, <-end)
}

// levels are those in the record of the only device.
func (s *stage) levels() []program.Assurance {
	client, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(s.t, err)
	operator, err := sdk.AccAddressFromBech32(s.config.Chain.Operator)
	require.NoError(s.t, err)
	devices, err := client.Devices(context.Background(), operator)
	require.NoError(s.t, err)
	require.Len(s.t, devices, 1)
	return devices[0].Levels
}
