package keeper_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/market/types"
)

func (f *rentFixture) quote(name string, tier types.LeaseTier, seconds uint64, start int64) *types.QueryLeaseQuoteResponse {
	f.T.Helper()
	response, err := f.queries.LeaseQuote(f.Ctx, &types.QueryLeaseQuoteRequest{
		Device: hex.EncodeToString(hashOf(name)), Seconds: seconds, Tier: tier, Start: start,
	})
	require.NoError(f.T, err)
	return response
}

// A quote is honoured for five minutes, whatever happens to demand, the hours of the day and what the operator asks.
func TestAQuoteHoldsForFiveMinutes(t *testing.T) {
	params := testParams()
	params.Lease.DemandLowBps, params.Lease.DemandHighBps = 5_000, 50_000
	for hour := range params.Lease.HourBps {
		params.Lease.HourBps[hour] = uint32(8_000 + 7_919*hour%9_000)
	}
	f := newRentWith(t, params)
	operator := f.landlord("gpu")
	for _, name := range []string{"a", "b", "c"} {
		f.rentable(operator, name, hourly)
	}
	f.run(310)
	rises := 0
	for round := range 5 {
		f.run(1 + 211*round)
		quoted := f.quote("gpu", types.LEASE_TIER_FAST, 7_200, 0)
		require.Empty(t, quoted.Obstacle)
		asked := f.Ctx.BlockTime()
		require.False(t, quoted.ValidUntil.Before(asked.Add(5*time.Minute)), "valid for %s", quoted.ValidUntil.Sub(asked))
		// Demand rises to the full, and the operator asks more, in two steps.
		price := int64(hourly * (round + 1))
		require.NoError(t, f.offer(operator, "gpu", price*3/2, true))
		for _, name := range []string{"a", "b", "c"} {
			msg := f.opening(name)
			msg.MaxRate, msg.Deposit = coins(1_000*hourly), coins(10*hourly)
			_, err := f.openErr(msg)
			require.NoError(t, err)
		}
		f.run(150)
		require.NoError(t, f.offer(operator, "gpu", hourly*int64(round+2), true))
		f.run(150)
		msg := f.opening("gpu")
		msg.Tier, msg.MaxRate, msg.Deposit = types.LEASE_TIER_FAST, quoted.Rate, quoted.MinDeposit
		id, err := f.openErr(msg)
		require.NoError(t, err, "round %d, %s after the quote", round, f.Ctx.BlockTime().Sub(asked))
		require.False(t, f.lease(id).Rate.GT(quoted.Rate.Amount))
		f.run(310)
		if f.quote("gpu", types.LEASE_TIER_FAST, 7_200, 0).Rate.Amount.GT(quoted.Rate.Amount) {
			rises++
		}
		for open := uint64(1); open <= id; open++ {
			if lease, err := f.k.Lease(f.Ctx, open); err == nil && lease.State == types.LEASE_STATE_ACTIVE {
				require.NoError(t, f.closeErr(f.customer, open, false))
			}
		}
		f.run(610)
	}
	require.Positive(t, rises, "after that the price does rise")
}

// The price is base × tier × capability × demand × time of day, and what a reservation is quoted it costs.
func TestLeasePrices(t *testing.T) {
	params := testParams()
	f := newRentWith(t, params)
	operator := f.landlord("gpu")
	f.rentable(operator, "other", hourly)
	f.run(310)
	midnight := f.Ctx.BlockTime().Truncate(24*time.Hour).Unix() + 24*3600
	// 4 of 16 GiB are three quarters at least; nothing is rented: 0.9; from 2 to 4 o'clock 0.9.
	night := f.quote("gpu", types.LEASE_TIER_STANDARD, 7_200, midnight+2*3600)
	require.EqualValues(t, 21_870, night.Rate.Amount.Int64())
	require.EqualValues(t, []uint32{10_000, 7_500, 9_000, 9_000}, []uint32{night.TierBps, night.CapabilityBps, night.DemandBps, night.DayBps})
	require.EqualValues(t, 43_740, night.Total.Amount.Int64())
	require.EqualValues(t, 21_870, night.MinDeposit.Amount.Int64())
	require.EqualValues(t, 4_374, night.BookingFee.Amount.Int64())
	require.EqualValues(t, hourly/2, f.quote("gpu", types.LEASE_TIER_ECONOMY, 7_200, midnight+2*3600).Rate.Amount.Int64(), "not below half of the base")
	require.EqualValues(t, 3*26_730, f.quote("gpu", types.LEASE_TIER_REALTIME, 7_200, midnight+15*3600).Rate.Amount.Int64())
	msg := f.booking("gpu", midnight+2*3600-f.Ctx.BlockTime().Unix())
	msg.MaxRate, msg.Deposit = night.Rate, night.Total
	id, err := f.reserveErr(msg)
	require.NoError(t, err)
	require.Equal(t, night.Rate.Amount, f.lease(id).Rate)
	require.Contains(t, f.quote("gpu", types.LEASE_TIER_STANDARD, 600, midnight+2*3600).Obstacle, "by lease 1")
	// One of two rented: demand is half way from 0.9 to 1.5, from the next snapshot on.
	open := f.opening("other")
	open.MaxRate = coins(10 * hourly)
	_, err = f.openErr(open)
	require.NoError(t, err)
	f.run(310)
	require.EqualValues(t, 12_000, f.quote("gpu", types.LEASE_TIER_STANDARD, 7_200, 0).DemandBps)
}

// Firmness is what a tier buys: the operator's notice is longer by its factor, the outage that it may leave unanswered shorter.
func TestTiersAreFirmness(t *testing.T) {
	f := newRent(t)
	f.landlord("gpu")
	for tier, want := range map[types.LeaseTier][2]uint64{
		types.LEASE_TIER_ECONOMY: {420, 2_572}, types.LEASE_TIER_STANDARD: {600, 1_800}, types.LEASE_TIER_FAST: {1_200, 900}, types.LEASE_TIER_REALTIME: {1_800, 600},
	} {
		msg := f.booking("gpu", 5_000)
		msg.Tier, msg.MaxRate, msg.Deposit = tier, coins(3*hourly), coins(6*hourly)
		id, err := f.reserveErr(msg)
		require.NoError(t, err)
		lease := f.lease(id)
		require.Equal(t, want, [2]uint64{lease.OperatorNoticeSeconds, lease.OutageSeconds}, tier.String())
		require.EqualValues(t, 600, lease.CustomerNoticeSeconds)
		require.NoError(t, f.closeErr(f.customer, id, false))
	}
}

// An extension costs the higher of the agreed and the present price from then on, and locks the bond for it.
func TestExtensionsArePricedAnew(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	lease := f.active("gpu")
	require.NoError(t, f.offer(operator, "gpu", hourly/2, true))
	f.run(301)
	require.NoError(t, f.extendErr(lease.Id, 3_600, hourly, 0))
	require.EqualValues(t, hourly, f.lease(lease.Id).Rate.Int64(), "an agreed rate does not fall")
	require.NoError(t, f.offer(operator, "gpu", 2*hourly, true))
	require.NoError(t, f.extendErr(lease.Id, 600, hourly, 0), "for a quote's time the lower price is honoured")
	f.run(310)
	require.ErrorIs(t, f.extendErr(lease.Id, 3_600, hourly, 0), types.ErrRate)
	at := f.Ctx.BlockTime().Unix()
	require.NoError(t, f.extendErr(lease.Id, 3_600, 2*hourly, 10*hourly))
	extended := f.lease(lease.Id)
	require.EqualValues(t, 2*hourly, extended.Rate.Int64())
	require.EqualValues(t, 15_000, extended.End.Unix()-extended.Start.Unix())
	stake, err := f.bond.Stake(f.Ctx, operator)
	require.NoError(t, err)
	require.EqualValues(t, 20*15_000, stake.Exposure.Int64())
	f.run(int(extended.End.Unix()-at) + 1)
	closed := f.requireClosed(lease.Id, types.LEASE_CLOSE_REASON_COMPLETED)
	before := at - extended.Start.Unix()
	require.EqualValues(t, 10*before+20*(15_000-before), closed.Paid.Int64())
	// What the operator doesn't offer can't be extended; what another booked neither.
	lease = f.begun("gpu", 4*hourly)
	require.NoError(t, f.offer(operator, "gpu", hourly, false))
	require.ErrorIs(t, f.extendErr(lease.Id, 600, 9*hourly, 0), types.ErrNotForRent)
	require.NoError(t, f.offer(operator, "gpu", hourly, true))
	msg := f.booking("gpu", 7_201)
	msg.MaxRate = coins(9 * hourly)
	_, err = f.reserveErr(msg)
	require.NoError(t, err)
	require.ErrorIs(t, f.extendErr(lease.Id, 600, 9*hourly, 0), types.ErrBooked)
}

// begun is a lease at any price.
func (f *rentFixture) begun(name string, deposit int64) types.Lease {
	f.T.Helper()
	msg := f.opening(name)
	msg.MaxRate, msg.Deposit = coins(100*hourly), coins(deposit)
	id, err := f.openErr(msg)
	require.NoError(f.T, err)
	return f.requireLease(id, types.LEASE_STATE_ACTIVE)
}

// A device that is rented, or booked before a job would be proven, gets no jobs; and it gets them again when it is free.
func TestRentedAndBookedDevicesGetNoJobs(t *testing.T) {
	f := newRent(t)
	operator := f.landlord("gpu")
	lease := f.active("gpu")
	id := f.submit()
	f.block(1)
	f.requireState(id, types.JOB_STATE_OPEN)
	require.NoError(t, f.offer(operator, "gpu", hourly, true), "more lanes don't make it free")
	require.NoError(t, f.closeErr(operator, lease.Id, false))
	f.run(650)
	f.requireState(id, types.JOB_STATE_ASSIGNED)
	require.NoError(t, f.reportErr(f.job(id), 0))

	// A job has 61 s to be committed and 75 s to be proven here.
	g := newRent(t)
	g.landlord("gpu")
	g.reserved("gpu", 120)
	late := g.submit()
	g.block(1)
	g.requireState(late, types.JOB_STATE_OPEN)
	_, err := g.queries.Quote(g.Ctx, &types.QueryQuoteRequest{Program: testProgram(), Requirements: testSpec().Requirements})
	require.ErrorIs(t, err, types.ErrUnplaceable)
	require.ErrorContains(t, err, "1 booked")
	h := newRent(t)
	h.landlord("gpu")
	booked := h.reserved("gpu", 140)
	early := h.submit()
	h.block(1)
	h.requireState(early, types.JOB_STATE_ASSIGNED)
	h.requireLease(booked.Id, types.LEASE_STATE_RESERVED)
}

// The least deposit that a quote names is one that the chain takes, whatever the escrow's own minimum is.
func TestQuoteKnowsTheLeastDeposit(t *testing.T) {
	f := newRent(t)
	f.landlord("gpu")
	f.run(310)
	own := f.quote("gpu", types.LEASE_TIER_FAST, 7_200, 0).MinDeposit
	params, err := f.escrow.Params(f.Ctx)
	require.NoError(t, err)
	params.MinDeposit = own.Amount.AddRaw(1)
	require.NoError(t, f.escrow.SetParams(f.Ctx, params))
	quoted := f.quote("gpu", types.LEASE_TIER_FAST, 7_200, 0)
	require.Equal(t, own.Amount.AddRaw(1), quoted.MinDeposit.Amount)
	msg := f.opening("gpu")
	msg.Tier, msg.Seconds, msg.MaxRate, msg.Deposit = types.LEASE_TIER_FAST, 7_200, quoted.Rate, own
	_, err = f.openErr(msg)
	require.ErrorContains(t, err, "min_deposit")
	msg.Deposit = quoted.MinDeposit
	_, err = f.openErr(msg)
	require.NoError(t, err)
}
