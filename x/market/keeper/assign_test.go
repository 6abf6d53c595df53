package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// A job of several operators that can't be placed changes nothing that the block knows of the network: what comes after it reads nothing again.
func TestAnUnplaceableReplicaJobForgetsNothing(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	anywhere := func(msg *types.MsgSubmitJob) {
		msg.Spec.Requirements.Classes = []registrytypes.DeviceClass{registrytypes.DEVICE_CLASS_CPU}
	}
	f.submitWith(anywhere)
	msg := f.replicaSubmission(2, 2)
	anywhere(msg)
	require.NoError(t, f.submitErr(msg))
	f.submitWith(anywhere)
	f.faults.of = nil
	f.block(1)
	f.requireState(1, types.JOB_STATE_ASSIGNED)
	f.requireState(2, types.JOB_STATE_OPEN)
	f.requireState(3, types.JOB_STATE_ASSIGNED)
	require.Equal(t, 2, f.faults.of["registry.WalkNear"], "the block's, and one of the second job's own")
}
