package daemon_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain/chaintest"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/daemon"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/x/market/audits"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// TestDaemonsThatDiffer has two daemons compute a job, of which one changes a single entry: they commit, reveal, show where the
// results differ and prove their entries by themselves. The liar is convicted by the real proof system, and the other one alone proves
// its result by samples and is paid. So it goes whether both are asked at once, or one audits the other.
func TestDaemonsThatDiffer(t *testing.T) {
	t.Run("replicas", func(t *testing.T) {
		daemonsDiffer(t, func(spec *markettypes.Spec) {
			spec.Policy, spec.Replicas, spec.Agreement = markettypes.VERIFICATION_POLICY_REPLICA, 2, 2
		})
	})
	t.Run("audit", func(t *testing.T) {
		daemonsDiffer(t, func(spec *markettypes.Spec) {
			spec.Policy, spec.Audit = markettypes.VERIFICATION_POLICY_AUDIT, &markettypes.AuditTerms{Bps: audits.Bps}
		})
	})
}

func daemonsDiffer(t *testing.T, policy func(*markettypes.Spec)) {
	s := newStage(t)
	liar := s.beside("account 4")
	liar.config.Faults = &config.Faults{FlipEntry: true}
	for _, each := range []*stage{s, liar} {
		each.register()
		_, _ = each.start()
	}
	// Who could audit must have passed its spot check when that is drawn.
	s.eventually("both offered", func() bool { return s.offered() == 2 })
	work := actors.Product(t, 3, 40, 64, 24)
	var id uint64
	s.node.Do(func(*testchain.Chain) {
		spec := s.network.Customers[0].Spec(work, 2)
		policy(&spec)
		spec.Assurance = markettypes.ASSURANCE_REVEALED
		for i, input := range work.Inputs {
			root := blob.Root(input.Root())
			require.NoError(t, s.store.Put(root, tensor.EncodeBlob(input.Tensor)))
			spec.Inputs[i].Locators = []string{s.blobs + "/blobs/" + root.String()}
		}
		id = s.network.Customers[0].Post(s.network.Customers[0].SubmitMsg(spec))
	})
	s.eventually("settled", func() bool { return s.job(id).State == markettypes.JOB_STATE_CLOSED })
	job := s.job(id)
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, job.CloseReason)
	require.Equal(t, work.Run(t).Roots(), job.StepRoots)
	require.Equal(t, s.config.Chain.Operator, job.Worker)
	s.node.Do(func(*testchain.Chain) {
		round := s.network.Round(id)
		require.Len(t, round.Replicas, 2)
		i := round.Of(s.config.Chain.Operator)
		require.GreaterOrEqual(t, i, 0, "it stands")
		require.Equal(t, markettypes.FAILURE_REASON_DISPUTE_LOST, round.Replicas[1-i].Failure)
		require.EqualValues(t, 1, round.Differences)
	})
}

// offered is how many devices are.
func (s *stage) offered() (offered int) {
	s.node.Do(func(*testchain.Chain) {
		require.NoError(s.t, s.network.App().Registry.WalkAvailable(s.network.Context(), registrytypes.DEVICE_CLASS_CPU, 8,
			func(registrytypes.Device) (bool, error) { offered++; return false, nil }))
	})
	return offered
}

// beside is another worker to be on the same stage.
func (s *stage) beside(account string) *stage {
	other := *s
	hot := keyring.NewInMemory(s.deps.Encoding.Codec)
	_, _, err := hot.NewMnemonic("worker", keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	require.NoError(s.t, err)
	other.cold = daemon.Cold{Keyring: chaintest.Keyring(s.t, s.deps.Encoding.Codec, "cold", account), Name: "cold"}
	other.configure()
	home := s.t.TempDir()
	other.deps.Home, other.deps.Keyring, other.deps.Sources = home, hot, []device.Source{device.NewCPU(home)}
	return &other
}
