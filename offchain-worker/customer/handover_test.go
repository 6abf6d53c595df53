package customer_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/x/market/box"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// relayed is a job whose box relays hold, with this time left of an hour.
func relayed(left time.Duration) chain.JobView {
	view := at(markettypes.JOB_STATE_HANDED_OVER, func(j *markettypes.Job) {
		j.UpdatedAt, j.RelayClaims, j.Attempt = time.Now().Add(left-time.Hour), 1, 1
	})
	view.Clock = markettypes.Clock{ActiveMs: 1_000_000, LastBlock: time.Now()}
	view.Job.Due = uint64(1_000_000 + left.Milliseconds())
	return view
}

// boxed seals the stage's result, changed by spoil, and says that two relays hold it.
func (s *stage) boxed(t *testing.T, spoil func(plain [][]byte)) *box.Sealed {
	t.Helper()
	output, err := s.spec.Program.Result()
	require.NoError(t, err)
	layout, err := box.LayoutOf(output)
	require.NoError(t, err)
	tree, err := blob.Tree(s.result)
	require.NoError(t, err)
	plain, err := layout.Plain(tensor.EncodeBlob(s.result), tree)
	require.NoError(t, err)
	spoil(plain)
	sealed, err := box.Seal(rand.Reader, box.Purpose{ChainID: "assay-test-1", Job: 7, Attempt: 1, Draw: 1}, s.record.DeliveryKey, plain)
	require.NoError(t, err)
	root := sealed.Root()
	s.relays = markettypes.RelayRecord{Draw: 1, Claims: []markettypes.RelayClaim{{
		BoxRoot: root[:], EphemeralKey: sealed.Key,
		Relays: []markettypes.DrawnRelay{{Operator: "silent", Receipt: true}, {Operator: "out"}, {Operator: "good", Receipt: true}},
	}}}
	return sealed
}

// through gets boxes from one of the relays, which breaks off once in the middle.
func through(sealed *box.Sealed, from string) (customer.FetchBox, *[]string) {
	asked := []string{}
	return func(_ context.Context, r relay.Request) ([]byte, error) {
		asked = append(asked, r.Relay.Operator)
		whole := sealed.Bytes()
		if r.Relay.Operator != from {
			return r.Have, relay.ErrNoBox
		}
		if len(r.Have) == 0 {
			return whole[:len(whole)/2], errors.New("broke off")
		}
		return append(r.Have, whole[len(r.Have):]...), nil
	}, &asked
}

func TestFollowFetchesFromRelays(t *testing.T) {
	s := newStage(t, relayed(50*time.Minute), relayed(50*time.Minute), settled)
	sealed := s.boxed(t, func([][]byte) {})
	served := s.result
	s.script.result = nil
	fetchBox, asked := through(sealed, "good")
	_, result, err := s.follow(t, func(c *customer.FollowConfig) { c.FetchBox, c.ChainID = fetchBox, "assay-test-1" })
	require.NoError(t, err)
	require.Equal(t, served.Int32, result.Int32)
	require.Equal(t, []string{"silent", "good", "silent", "good"}, *asked, "only relays with a receipt, and the transfer goes on")
	require.Empty(t, s.claims)
	require.Empty(t, s.accusations)
}

// A false box is contested by its first fault, which the chunks of the accusation show.
func TestFollowAccusesAFalseBox(t *testing.T) {
	s := newStage(t, relayed(50*time.Minute), relayed(50*time.Minute), relayed(50*time.Minute),
		at(markettypes.JOB_STATE_CLOSED, closedAs(markettypes.CLOSE_REASON_FALSE_DELIVERY)))
	sealed := s.boxed(t, func(plain [][]byte) { plain[0] = append([]byte{plain[0][0] ^ 1}, plain[0][1:]...) })
	s.script.result = nil
	fetchBox, _ := through(sealed, "good")
	_, _, err := s.follow(t, func(c *customer.FollowConfig) { c.FetchBox, c.ChainID = fetchBox, "assay-test-1" })
	require.ErrorIs(t, err, customer.ErrJobFailed)
	require.Len(t, s.accusations, 1)
	accusation := s.accusations[0]
	require.Equal(t, markettypes.RELAY_FAULT_ROW, accusation.Fault)
	require.Len(t, accusation.Chunks, 2)
	output, err := s.spec.Program.Result()
	require.NoError(t, err)
	layout, err := box.LayoutOf(output)
	require.NoError(t, err)
	needs, err := layout.Needs(accusation.Accusation())
	require.NoError(t, err)
	for i, chunk := range accusation.Chunks {
		require.True(t, layout.Shows(sealed.Root(), needs[i], chunk.Sealed, chunk.Path))
	}
	require.Equal(t, s.record.DeliverySecret, accusation.DeliverySecret)
}

// A relay that drips is left after its share of the time: the others are asked, the second claim stays possible, and what it gave is
// gone on with.
func TestFollowLeavesADrippingRelay(t *testing.T) {
	s := newStage(t, relayed(6*time.Second), relayed(6*time.Second), settled)
	sealed := s.boxed(t, func([][]byte) {})
	served := s.result
	s.script.result = nil
	others, asked := through(sealed, "good")
	var had []int
	_, result, err := s.follow(t, func(c *customer.FollowConfig) {
		c.ChainID, c.FetchBox = "assay-test-1", func(ctx context.Context, r relay.Request) ([]byte, error) {
			if r.Relay.Operator != "silent" {
				return others(ctx, r)
			}
			had = append(had, len(r.Have))
			<-ctx.Done()
			return append(r.Have, sealed.Bytes()[len(r.Have)]), ctx.Err()
		}
	})
	require.NoError(t, err)
	require.Equal(t, served.Int32, result.Int32)
	require.Equal(t, []int{0, 1}, had)
	require.Equal(t, []string{"good", "good"}, *asked)
	require.Equal(t, []uint64{7}, s.claims, "nobody had served it whole when half of the time was over")
}

// A claim for which too few relays were found is made once more, as long as the chain takes another.
func TestFollowClaimsAgainWhenRelaysLacked(t *testing.T) {
	late := func(claims uint32) chain.JobView {
		view := proven(9 * time.Second)
		view.Job.RelayClaims = claims
		return view
	}
	drawing := func(claims uint32) chain.JobView {
		return at(markettypes.JOB_STATE_DRAWING, func(j *markettypes.Job) { j.RelayClaims = claims })
	}
	s := newStage(t, late(0), late(0), late(0), late(0), drawing(1), drawing(1), late(1), late(1), drawing(2), late(2), late(2), settled)
	s.script.result = nil
	_, _, err := s.follow(t)
	require.ErrorIs(t, err, customer.ErrNoResult)
	require.Equal(t, []uint64{7, 7}, s.claims)
}

// The claims of a convicted worker's attempt are not the next one's.
func TestFollowClaimsFromTheNextWorker(t *testing.T) {
	second := func(j *markettypes.Job) { j.Attempt, j.Worker = 2, "worker-b" }
	again := func() chain.JobView {
		view := relayed(20 * time.Minute)
		second(&view.Job)
		return view
	}
	s := newStage(t, relayed(20*time.Minute), relayed(19*time.Minute), at(markettypes.JOB_STATE_OPEN), again(), again(), settled)
	s.boxed(t, func([][]byte) {})
	s.script.result = nil
	_, _, err := s.follow(t, func(c *customer.FollowConfig) {
		c.FetchBox = func(_ context.Context, r relay.Request) ([]byte, error) { return r.Have, relay.ErrNoBox }
	})
	require.ErrorIs(t, err, customer.ErrNoResult)
	require.Equal(t, []uint64{7, 7}, s.claims)
}

// Relays that serve nothing, or another box, are given half of the time, and then the job is claimed once more, once.
func TestFollowClaimsAgainWhenNobodyServes(t *testing.T) {
	s := newStage(t, relayed(50*time.Minute), relayed(20*time.Minute), relayed(19*time.Minute), settled)
	sealed := s.boxed(t, func([][]byte) {})
	s.script.result = nil
	foreign := *sealed
	foreign.Chunks = append([][]byte{make([]byte, len(sealed.Chunks[0]))}, sealed.Chunks[1:]...)
	fetchBox, _ := through(&foreign, "good")
	_, _, err := s.follow(t, func(c *customer.FollowConfig) { c.FetchBox, c.ChainID = fetchBox, "assay-test-1" })
	require.ErrorIs(t, err, customer.ErrNoResult)
	require.Equal(t, []uint64{7}, s.claims)
	require.Empty(t, s.accusations, "a relay's lie is not the worker's")
}
