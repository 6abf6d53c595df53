package actors

import (
	"crypto/sha256"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	daokeeper "github.com/assaychain/assay/x/dao/keeper"
	daotypes "github.com/assaychain/assay/x/dao/types"
)

// proposalDeposit is the least that opens a vote.
const proposalDeposit = 10_000_000

// Propose queues a proposal of the validator, who holds the votes, and its vote.
func (n *Network) Propose(messages ...sdk.Msg) (proposal uint64) {
	n.t.Helper()
	validator := n.Account(0)
	proposal, err := n.App().Gov.ProposalID.Peek(n.Context())
	require.NoError(n.t, err)
	submit, err := govv1.NewMsgSubmitProposal(messages, sdk.NewCoins(sdk.NewCoin(app.BaseDenom, math.NewInt(proposalDeposit))),
		validator.String(), "", "test", "test", false)
	require.NoError(n.t, err)
	n.Queue(validator, submit)
	n.Queue(validator, govv1.NewMsgVote(validator.Address, proposal, govv1.OptionYes, ""))
	return proposal
}

// Govern has messages carried out by governance, which takes the voting period and the time lock.
func (n *Network) Govern(messages ...sdk.Msg) {
	n.t.Helper()
	id := n.Propose(messages...)
	n.mustAll(n.Block())
	for range 60 {
		n.Block()
		proposal, err := n.App().Gov.Proposals.Get(n.Context(), id)
		require.NoError(n.t, err)
		if proposal.Status == govv1.StatusVotingPeriod {
			continue
		}
		require.Equal(n.t, govv1.StatusPassed.String(), proposal.Status.String(), proposal.FailedReason)
		if n.Settled(id) {
			return
		}
	}
	require.Fail(n.t, "the vote or its time lock does not end", "proposal %d", id)
}

// Settled tells whether what a proposal that passed decided has taken effect, at once or after its time lock; a failure ends
// the test.
func (n *Network) Settled(proposal uint64) bool {
	n.t.Helper()
	change, err := daokeeper.NewQueryServer(n.App().Dao).Change(n.Context(), &daotypes.QueryChangeRequest{ProposalId: proposal})
	if status.Code(err) == codes.NotFound {
		return true // It took effect with the vote.
	}
	require.NoError(n.t, err)
	if change.Outcome == nil {
		return false
	}
	require.Equal(n.t, daotypes.RESULT_EXECUTED.String(), change.Outcome.Result.String(), change.Outcome.Reason)
	return true
}

// NextBeacon makes the network's relayer follow another beacon from now on, and describes it.
func (n *Network) NextBeacon() beacontypes.Chain {
	n.t.Helper()
	seed := sha256.Sum256(n.beacon.PublicKey())
	key, err := devkey.FromSeed(seed[:])
	require.NoError(n.t, err)
	n.beacon, n.beaconStart = key, n.Now().Add(time.Minute)
	return beacontypes.Chain{PublicKey: key.PublicKey(), Period: 1, GenesisTime: n.beaconStart.Unix(), Scheme: drand.Scheme}
}
