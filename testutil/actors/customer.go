package actors

import (
	"crypto/sha256"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/curve25519"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
)

const (
	minute = time.Minute
	// DefaultPrice is what a customer offers at most.
	DefaultPrice = 50_000
	// DefaultDeadline is the time a customer leaves for a commitment.
	DefaultDeadline = time.Hour
)

// Customer posts jobs.
type Customer struct {
	*chain.Account
	// Secret opens what is delivered to the customer.
	Secret  [32]byte
	public  []byte
	network *Network
}

func newCustomer(n *Network, index int, account *chain.Account) *Customer {
	n.t.Helper()
	c := &Customer{Account: account, Secret: sha256.Sum256(fmt.Appendf(nil, "delivery %d", index)), network: n}
	var err error
	c.public, err = curve25519.X25519(c.Secret[:], curve25519.Basepoint)
	require.NoError(n.t, err)
	return c
}

// Spec describes a job of some work with a number of samples, and puts the inputs where workers find them.
func (c *Customer) Spec(work *Work, samples uint32) markettypes.Spec {
	spec := markettypes.Spec{
		Program: work.Program, Policy: markettypes.VERIFICATION_POLICY_PROOF, Samples: samples, DeliveryKey: c.public,
	}
	for i, input := range work.Inputs {
		c.network.shelf[string(input.Root())] = input
		spec.Inputs = append(spec.Inputs, markettypes.InputRef{
			Root: input.Root(), Locators: []string{fmt.Sprintf("http://127.0.0.1:26801/%d", i)},
		})
	}
	return spec
}

// SubmitMsg posts a job at the default price and deadline.
func (c *Customer) SubmitMsg(spec markettypes.Spec) *markettypes.MsgSubmitJob {
	return &markettypes.MsgSubmitJob{
		Customer: c.String(), Spec: spec, MaxPrice: sdk.NewInt64Coin(app.BaseDenom, DefaultPrice),
		Deadline: c.network.Now().Add(DefaultDeadline),
	}
}

// Submit posts a job of some work in the next block and returns its number.
func (c *Customer) Submit(work *Work, samples uint32) uint64 {
	c.network.t.Helper()
	return c.Post(c.SubmitMsg(c.Spec(work, samples)))
}

// Post posts a job in the next block and returns its number.
func (c *Customer) Post(message *markettypes.MsgSubmitJob) uint64 {
	c.network.t.Helper()
	return c.network.JobID(c.network.MustDeliver(c.Account, message))
}

// JobID is the number of the job that a transaction posted.
func (n *Network) JobID(result *abci.ExecTxResult) uint64 {
	n.t.Helper()
	var data sdk.TxMsgData
	require.NoError(n.t, proto.Unmarshal(result.Data, &data))
	require.Len(n.t, data.MsgResponses, 1)
	var response markettypes.MsgSubmitJobResponse
	require.NoError(n.t, proto.Unmarshal(data.MsgResponses[0].Value, &response))
	return response.JobId
}

// CancelMsg takes a job back.
func (c *Customer) CancelMsg(id uint64) *markettypes.MsgCancelJob {
	return &markettypes.MsgCancelJob{Customer: c.String(), JobId: id}
}

// ClaimMsg tells that a result did not arrive.
func (c *Customer) ClaimMsg(id uint64) *markettypes.MsgClaimUndelivered {
	return &markettypes.MsgClaimUndelivered{Customer: c.String(), JobId: id}
}

// ContestMsg shows what a delivery holds.
func (c *Customer) ContestMsg(id uint64) *markettypes.MsgContestDelivery {
	return &markettypes.MsgContestDelivery{Customer: c.String(), JobId: id, DeliverySecret: c.Secret[:]}
}
