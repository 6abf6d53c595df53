package daemon_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/chain/chaintest"
	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/daemon"
	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/offchain-worker/drand"
	"github.com/assaychain/assay/testutil/actors"
	testchain "github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/tensor"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

func TestMain(m *testing.M) {
	chain.UseAddressPrefix()
	os.Exit(m.Run())
}

// stage is the real application with a beacon, a customer and one worker to be.
type stage struct {
	t       *testing.T
	network *actors.Network
	node    *chaintest.Node
	store   *blob.Store
	blobs   string
	config  config.Config
	deps    daemon.Deps
	cold    daemon.Cold
}

// newStageWith has a dispute window of so many seconds.
func newStageWith(t *testing.T, disputeSeconds uint64) *stage {
	return newStage(t, func(g *markettypes.GenesisState) { g.Params.DisputeSeconds = disputeSeconds })
}

// newStage is the stage with what changes say of the market's genesis.
func newStage(t *testing.T, changes ...func(g *markettypes.GenesisState)) *stage {
	return newStageAt(t, false, changes...)
}

// newStageAt is a stage whose chain offers the level full, or doesn't.
func newStageAt(t *testing.T, full bool, changes ...func(g *markettypes.GenesisState)) *stage {
	network := actors.New(t, actors.Config{Customers: 4, Full: full, Chain: testchain.Config{SpotChecks: true, Edit: func(s testchain.State) error {
		// A GPU of a test is a processor, and is given its spot checks.
		if err := testchain.Change(s, registrytypes.ModuleName, func(g *registrytypes.GenesisState) {
			processor, all := g.Params.Classes[0], g.Params.Classes
			for i := range all {
				all[i].CheckSize, all[i].CheckSteps, all[i].CheckWindowMs = processor.CheckSize, processor.CheckSteps, processor.CheckWindowMs
			}
		}); err != nil {
			return err
		}
		return testchain.Change(s, markettypes.ModuleName, func(g *markettypes.GenesisState) {
			g.Params.DisputeSeconds, g.Params.DeliverySeconds = 3, 30
			for _, change := range changes {
				change(g)
			}
		})
	}}})
	// What a transaction costs may change between its estimate and its block: the worker sends it again.
	network.Audit.Tolerated = []string{"out of gas in location"}
	s := &stage{t: t, network: network, node: chaintest.New(network.Chain)}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() { defer close(stopped); s.node.Run(ctx, 100*time.Millisecond) }()
	t.Cleanup(func() { cancel(); <-stopped })
	s.customer()
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	hot := keyring.NewInMemory(encoding.Codec)
	_, _, err = hot.NewMnemonic("worker", keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	require.NoError(t, err)
	s.cold = daemon.Cold{Keyring: chaintest.Keyring(t, encoding.Codec, "cold", "account 3"), Name: "cold"}
	s.configure()
	home := t.TempDir()
	s.deps = daemon.Deps{
		Home: home, Encoding: encoding, Keyring: hot, Node: s.node, Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)),
		Sources: []device.Source{device.NewCPU(home)},
	}
	return s
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) { w.t.Logf("%s", p); return len(p), nil }

func (s *stage) configure() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(s.t, err)
	address := listener.Addr().String()
	require.NoError(s.t, listener.Close())
	s.config = config.Default()
	s.config.Chain.ID = s.network.ID()
	s.config.Chain.GasPrice = "0.001uassay"
	s.config.Chain.TimeoutBlocks = 50
	s.config.Beacon.Endpoints = []string{s.beacon()}
	s.config.Beacon.Interval = config.Duration(100 * time.Millisecond)
	s.config.Worker.PollInterval = config.Duration(100 * time.Millisecond)
	s.config.Worker.KeysDir = setuptest.Dir(s.t)
	s.config.Worker.ShutdownGrace = config.Duration(5 * time.Second)
	s.config.Blobs.Listen, s.config.Blobs.Endpoint = address, "http://"+address
	s.config.Blobs.AllowPrivateLocators = true
	// Small, so that doctor has no word of a test machine's disk.
	s.config.Blobs.QuotaMiB, s.config.Blobs.ResultsQuotaMiB = 128, 128
}

// beacon serves the network's beacon on real time.
func (s *stage) beacon() string {
	key, described := actors.Beacon(s.t)
	signer, err := drand.NewSigner(drand.SignerConfig{Key: key, Period: uint32(described.Period), Genesis: described.GenesisTime})
	require.NoError(s.t, err)
	server := httptest.NewServer(signer.Handler())
	s.t.Cleanup(server.Close)
	return server.URL
}

// customer serves the inputs.
func (s *stage) customer() {
	var err error
	s.store, err = blob.NewStore(s.t.TempDir(), 0)
	require.NoError(s.t, err)
	server := httptest.NewServer(blob.Handler(s.store, nil))
	s.t.Cleanup(server.Close)
	s.blobs = server.URL
}

func (s *stage) register() daemon.Registered {
	found, _ := device.Discover(context.Background(), s.deps.Sources...)
	done, err := daemon.Register(context.Background(), s.config, s.deps, s.cold, daemon.RegisterOptions{
		Moniker: "m", Bond: sdk.NewInt64Coin("uassay", 1_000_000_000), Devices: found,
		FeeLimit: sdk.NewCoins(sdk.NewInt64Coin("uassay", 50_000_000)),
	})
	require.NoError(s.t, err)
	s.config.Chain.Operator = done.Operator
	return done
}

// start runs the daemon, and returns how to stop it and to get its end.
func (s *stage) start() (stop func(), end chan error) {
	d, err := daemon.New(s.config, s.deps)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	end = make(chan error, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		end <- d.Run(ctx)
	}()
	s.t.Cleanup(func() {
		cancel()
		<-over // It logs through the test until then.
	})
	return cancel, end
}

func (s *stage) submit(work *actors.Work) (id uint64) {
	return s.submitAt(work, markettypes.ASSURANCE_SAMPLED)
}

func (s *stage) submitAt(work *actors.Work, level markettypes.Assurance) (id uint64) {
	s.node.Do(func(*testchain.Chain) {
		spec := s.network.Customers[0].Spec(work, 3)
		spec.Assurance = level
		if level == markettypes.ASSURANCE_FULL {
			spec = s.network.Customers[0].FullSpec(work)
		}
		for i, input := range work.Inputs {
			root := blob.Root(input.Root())
			require.NoError(s.t, s.store.Put(root, tensor.EncodeBlob(input.Tensor)))
			spec.Inputs[i].Locators = []string{s.blobs + "/blobs/" + root.String()}
		}
		id = s.network.Customers[0].Post(s.network.Customers[0].SubmitMsg(spec))
	})
	return id
}

func (s *stage) job(id uint64) (job markettypes.Job) {
	s.node.Do(func(*testchain.Chain) { job = s.network.Job(id) })
	return job
}

func (s *stage) eventually(what string, condition func() bool) {
	require.Eventually(s.t, condition, 60*time.Second, 50*time.Millisecond, what)
}

// TestDaemonServesAJob takes a job through its life on the real application, with real proofs and a real beacon. The device gets it
// only after it has passed its first spot check.
func TestDaemonServesAJob(t *testing.T) {
	s := newStage(t)
	s.register()
	stop, end := s.start()
	work := actors.Small(t, 1)
	id := s.submit(work)
	s.eventually("settled", func() bool { return s.job(id).State == markettypes.JOB_STATE_CLOSED })
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, s.job(id).CloseReason)
	want := tensor.EncodeBlob(work.Run(t).Result())
	response, err := http.Get(fmt.Sprintf("%s/results/%s/%d", s.config.Blobs.Endpoint, s.config.Chain.ID, id))
	require.NoError(t, err)
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, want, got)

	stop()
	require.NoError(t, <-end)
	client, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(t, err)
	operator, err := sdk.AccAddressFromBech32(s.config.Chain.Operator)
	require.NoError(t, err)
	devices, err := client.Devices(context.Background(), operator)
	require.NoError(t, err)
	require.False(t, devices[0].Available, "taken out of the offer")
	require.False(t, devices[0].Unproven)
	checks, err := client.SpotChecks(context.Background(), operator)
	require.NoError(t, err)
	require.Len(t, checks, 1)
}

// TestDaemonShowsARevealedJob shows openings instead of proofs; a worker that corrupts its result can't.
func TestDaemonShowsARevealedJob(t *testing.T) {
	for _, cheats := range []bool{false, true} {
		s := newStage(t)
		if cheats {
			s.config.Faults = &config.Faults{CorruptResult: true}
		}
		s.register()
		stop, end := s.start()
		id := s.submitAt(actors.Small(t, 5), markettypes.ASSURANCE_REVEALED)
		if cheats {
			s.eventually("caught", func() bool { return s.job(id).LastFailure == markettypes.FAILURE_REASON_PROOF_INVALID })
		} else {
			s.eventually("settled", func() bool { return s.job(id).CloseReason == markettypes.CLOSE_REASON_SETTLED })
		}
		stop()
		require.NoError(t, <-end)
	}
}

// TestCheatIsCaught runs a worker that corrupts its result against the chain's real verification.
func TestCheatIsCaught(t *testing.T) {
	s := newStage(t)
	s.config.Faults = &config.Faults{CorruptResult: true}
	s.register()
	stop, end := s.start()
	id := s.submit(actors.Small(t, 2))
	s.eventually("caught", func() bool { return s.job(id).LastFailure != markettypes.FAILURE_REASON_UNSPECIFIED })
	require.Equal(t, markettypes.FAILURE_REASON_PROOF_INVALID, s.job(id).LastFailure)
	client, err := chain.NewClient(s.node, s.deps.Encoding, 10*time.Second)
	require.NoError(t, err)
	operator, err := sdk.AccAddressFromBech32(s.config.Chain.Operator)
	require.NoError(t, err)
	stake, err := client.Stake(context.Background(), operator)
	require.NoError(t, err)
	require.True(t, stake.Bonded.LT(sdk.NewInt64Coin("uassay", 1_000_000_000).Amount), "slashed")
	stop()
	require.NoError(t, <-end)
}

// TestClaimIsAnswered withholds the result, is claimed, and delivers it sealed on the chain.
func TestClaimIsAnswered(t *testing.T) {
	s := newStage(t)
	s.config.Faults = &config.Faults{WithholdOutput: true}
	s.register()
	stop, end := s.start()
	id := s.submit(actors.Small(t, 3))
	s.eventually("proven", func() bool { return s.job(id).State == markettypes.JOB_STATE_PROVEN })
	s.node.Do(func(*testchain.Chain) {
		c := s.network.Customers[0]
		s.network.MustDeliver(c.Account, c.ClaimMsg(id))
	})
	s.eventually("delivered", func() bool { return s.job(id).State == markettypes.JOB_STATE_DELIVERED })
	stop()
	require.NoError(t, <-end)
}

func TestDaemonGoesOnAfterAStop(t *testing.T) {
	s := newStage(t)
	s.config.Worker.ShutdownGrace = 0
	s.config.Devices.UnavailableOnStop = false
	s.register()
	stop, end := s.start()
	id := s.submit(actors.Small(t, 4))
	s.eventually("assigned", func() bool { return s.job(id).State >= markettypes.JOB_STATE_ASSIGNED })
	stop()
	require.NoError(t, <-end)
	s.start()
	s.eventually("settled", func() bool { return s.job(id).State == markettypes.JOB_STATE_CLOSED })
	require.Equal(t, markettypes.CLOSE_REASON_SETTLED, s.job(id).CloseReason)
}

func TestDoctor(t *testing.T) {
	s := newStage(t)
	report, err := daemon.Doctor(context.Background(), s.config, s.deps)
	require.NoError(t, err)
	require.False(t, report.Healthy(), "not registered")
	s.register()
	report, err = daemon.Doctor(context.Background(), s.config, s.deps)
	require.NoError(t, err)
	require.True(t, report.Healthy(), "%+v", report.Checks)
	verdicts := make(map[string]daemon.Verdict)
	for _, check := range report.Checks {
		verdicts[check.Name] = check.Verdict
	}
	for _, name := range []string{"chain", "clock", "operator", "bond", "fees", "grants", "proving key opening-256", "proving key opening-1024", "kernels", "disk"} {
		require.Equal(t, daemon.VerdictOK, verdicts[name], "%s: %+v", name, report.Checks)
	}
	require.Len(t, report.Devices, 1)
	require.True(t, report.Devices[0].Computes && report.Devices[0].Registered)
	require.Positive(t, report.Kernels[0].GMACs)
	s.config.Chain.ID = "assay-local-9"
	report, err = daemon.Doctor(context.Background(), s.config, s.deps)
	require.NoError(t, err)
	require.False(t, report.Healthy(), "another chain")
}

// TestForeignKeysStopTheDaemon makes keys of another setup: each would be refused by the chain.
func TestForeignKeysStopTheDaemon(t *testing.T) {
	s := newStage(t)
	s.register()
	s.config.Worker.KeysDir = t.TempDir()
	_, err := setup.Make(s.config.Worker.KeysDir, nil)
	require.NoError(t, err)
	_, end := s.start()
	require.ErrorContains(t, <-end, "get the chain's keys")
}

func TestDaemonRefusesWhatCannotWork(t *testing.T) {
	s := newStage(t)
	_, err := daemon.New(s.config, s.deps)
	require.ErrorContains(t, err, "register first")
	s.register()
	other := s.config
	other.Chain.ID = "assay-local-9"
	d, err := daemon.New(other, s.deps)
	require.NoError(t, err)
	require.ErrorContains(t, d.Run(context.Background()), "serves chain")
	d, err = daemon.New(s.config, s.deps)
	require.NoError(t, err)
	_, err = daemon.New(s.config, s.deps)
	require.ErrorContains(t, err, "in use by another worker")
	require.NoError(t, d.Close())
	other = s.config
	other.Worker.KeysDir = t.TempDir()
	_, err = daemon.New(other, s.deps)
	require.ErrorContains(t, err, "no keys")
}
