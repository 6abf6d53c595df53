package actors

import (
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/keeper"
	markettypes "github.com/assaychain/assay/x/market/types"
)

// Round is who computes a job under the policy REPLICA.
func (n *Network) Round(id uint64) markettypes.ReplicaRecord {
	n.t.Helper()
	response, err := keeper.NewQueryServer(n.App().Market).Replicas(n.Context(), &markettypes.QueryReplicasRequest{Id: id})
	require.NoError(n.t, err)
	return response.Record
}
