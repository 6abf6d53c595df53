// Package actors puts people on a test chain: operators that run programs, commit, prove and deliver as a worker does, their
// customers, and the relayer of the beacon. Everything they do goes through transactions, with real keys and real proofs;
// what a cheat does differently is the test's to say. An auditor follows every block.
package actors

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beaconkeeper "github.com/assaychain/assay/x/beacon/keeper"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/full/fulltest"
	"github.com/assaychain/assay/x/proofs/program"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Config says who is there.
type Config struct {
	// Operators that are registered with a device at the start, and customers.
	Operators, Customers int
	// Bond of each operator in the base denomination; a default when zero.
	Bond int64
	// Models are works whose networks the chain knows; every device says that it proves the level model then.
	Models []*Work
	// Full enables the level full, and has every device say that it proves it.
	Full bool
	// Chain is completed with accounts, circuits and beacon.
	Chain chain.Config
}

// DefaultBond covers some hundred jobs at the lowest price.
const DefaultBond = 100_000_000

// Network is a chain with its people.
type Network struct {
	*chain.Chain
	Operators []*Operator
	Customers []*Customer
	// Relayer posts the beacon's rounds.
	Relayer *chain.Account
	Audit   *Audit

	t      testing.TB
	beacon *devkey.Key
	// beaconStart is the time of round 1.
	beaconStart time.Time
	tools       *tools
	// shelf holds the blobs that anyone can fetch, by root.
	shelf map[string]*Blob
	// levels are what the devices are registered with.
	levels []program.Assurance
}

// Beacon is the development beacon of every test network: one round a second from the genesis on.
func Beacon(t testing.TB) (*devkey.Key, beacontypes.Chain) {
	t.Helper()
	seed := sha256.Sum256([]byte("beacon of the test network"))
	key, err := devkey.FromSeed(seed[:])
	require.NoError(t, err)
	return key, beacontypes.Chain{PublicKey: key.PublicKey(), Period: 1, GenesisTime: chain.Start.Unix(), Scheme: drand.Scheme}
}

// New starts a network and registers its operators.
func New(t testing.TB, config Config) *Network {
	t.Helper()
	n := &Network{t: t, tools: load(t), shelf: map[string]*Blob{}, beaconStart: chain.Start}
	n.beacon, config.Chain.Beacon = Beacon(t)
	config.Chain.Circuits = slices.Clone(n.tools.circuits)
	levels := registrytypes.DefaultLevels()
	for _, work := range config.Models {
		config.Chain.Circuits = append(config.Chain.Circuits, ModelCircuit(t, work))
	}
	if config.Full {
		config.Chain.Circuits = append(config.Chain.Circuits, FullCircuit("full", fulltest.Seed))
		levels = append(levels, program.ASSURANCE_FULL)
	}
	if len(config.Models) > 0 {
		levels = append(levels, program.ASSURANCE_MODEL)
	}
	if config.Full || len(config.Models) > 0 {
		n.levels = levels // Otherwise they need not be said.
	}
	config.Chain.Accounts = config.Operators + config.Customers + 1
	n.Chain = chain.New(t, config.Chain)
	n.Relayer = n.Account(1)
	for i := range config.Operators {
		n.Operators = append(n.Operators, newOperator(n, i, n.Account(2+i)))
	}
	for i := range config.Customers {
		n.Customers = append(n.Customers, newCustomer(n, i, n.Account(2+config.Operators+i)))
	}
	n.Audit = newAudit(n)
	n.AfterBlock(func(_ *chain.Chain, block *abci.ResponseFinalizeBlock) { n.Audit.follow(block) })
	bond := config.Bond
	if bond == 0 {
		bond = DefaultBond
	}
	for _, o := range n.Operators {
		n.Queue(o.Account, o.Registration(bond)...)
	}
	n.mustAll(n.Block())
	return n
}

// Unaudited ends the audit, for measurements of the chain alone.
func (n *Network) Unaudited() { n.Audit.stopped = true }

// Over puts the same people on a chain that was imported from this network's state.
func (n *Network) Over(imported *chain.Chain) *Network {
	moved := *n
	moved.Chain = imported
	moved.Operators, moved.Customers = nil, nil
	for _, o := range n.Operators {
		copied := *o
		copied.network = &moved
		moved.Operators = append(moved.Operators, &copied)
	}
	for _, c := range n.Customers {
		copied := *c
		copied.network = &moved
		moved.Customers = append(moved.Customers, &copied)
	}
	moved.Audit = n.Audit.continued(&moved)
	imported.AfterBlock(func(_ *chain.Chain, block *abci.ResponseFinalizeBlock) { moved.Audit.follow(block) })
	return &moved
}

func (n *Network) mustAll(results []*abci.ExecTxResult) {
	n.t.Helper()
	for i, result := range results {
		require.Zero(n.t, result.Code, "transaction %d: %s", i, result.Log)
	}
}

// Refused commits one block with one transaction, which has to fail with the given error.
func (n *Network) Refused(reason error, from *chain.Account, messages ...sdk.Msg) {
	n.t.Helper()
	n.RequireReason(reason, n.Deliver(from, messages...))
}

// RequireReason compares the registered code of an error with a transaction's.
func (n *Network) RequireReason(reason error, result *abci.ExecTxResult) {
	t := n.t
	t.Helper()
	want, ok := reason.(interface {
		Codespace() string
		ABCICode() uint32
	})
	require.True(t, ok, "%v is not a registered error", reason)
	got := fmt.Sprintf("%s/%d", result.Codespace, result.Code)
	require.Equal(t, fmt.Sprintf("%s/%d", want.Codespace(), want.ABCICode()), got, result.Log)
}

// PostRounds queues the rounds that somebody waits for and that are due by now, as an honest relayer does, and lists them.
func (n *Network) PostRounds() (posted []uint64) {
	n.t.Helper()
	pending, err := beaconkeeper.NewQueryServer(n.App().Beacon).Pending(n.Context(), &beacontypes.QueryPendingRequest{
		Pagination: &query.PageRequest{Limit: 1000},
	})
	require.NoError(n.t, err)
	for _, request := range pending.Requests {
		if n.beaconStart.Add(time.Duration(request.Round-1) * time.Second).After(n.Now()) {
			continue
		}
		n.Queue(n.Relayer, n.RoundMsg(request.Round))
		posted = append(posted, request.Round)
	}
	return posted
}

// RoundMsg is a round with its signature.
func (n *Network) RoundMsg(round uint64) *beacontypes.MsgPostRound {
	n.t.Helper()
	signature, err := n.beacon.Sign(round)
	require.NoError(n.t, err)
	return &beacontypes.MsgPostRound{Relayer: n.Relayer.String(), Round: round, Signature: signature}
}

// Step commits a block after the relayer posted what is due.
func (n *Network) Step() []*abci.ExecTxResult {
	n.t.Helper()
	n.PostRounds()
	return n.Block()
}

// Job reads a job.
func (n *Network) Job(id uint64) markettypes.Job {
	n.t.Helper()
	job, err := n.App().Market.Job(n.Context(), id)
	require.NoError(n.t, err)
	return job
}

// Worker is the operator that has a job.
func (n *Network) Worker(id uint64) *Operator {
	n.t.Helper()
	job := n.Job(id)
	for _, o := range n.Operators {
		if o.String() == job.Worker {
			return o
		}
	}
	require.Fail(n.t, "nobody has the job", "job %d is %s of %q", id, job.State, job.Worker)
	return nil
}

// RequireState requires that a job is in a state.
func (n *Network) RequireState(id uint64, state markettypes.JobState) {
	n.t.Helper()
	require.Equal(n.t, state.String(), n.Job(id).State.String(), "job %d", id)
}

// Challenge is what the chain knows of a sampled job, with the roots of a trace.
func (n *Network) Challenge(id uint64, roots [][]byte) challenge.Trace {
	n.t.Helper()
	job := n.Job(id)
	spec, err := n.App().Market.Spec(n.Context(), id)
	require.NoError(n.t, err)
	require.Len(n.t, job.Seed, sha256.Size, "job %d is not sampled", id)
	c := challenge.Trace{
		Work:  challenge.Work{Program: spec.Program, Samples: spec.Samples},
		Claim: n.claim(job), Seed: [32]byte(job.Seed), Circuits: job.Circuits, Steps: roots,
	}
	for _, input := range spec.Inputs {
		c.Inputs = append(c.Inputs, input.Root)
	}
	return c
}

// claim names the present attempt.
func (n *Network) claim(job markettypes.Job) program.Claim {
	n.t.Helper()
	worker, err := sdk.AccAddressFromBech32(job.Worker)
	require.NoError(n.t, err)
	return program.Claim{ChainID: n.ID(), JobID: job.Id, Attempt: job.Attempt, Worker: worker}
}
