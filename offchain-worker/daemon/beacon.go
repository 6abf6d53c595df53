package daemon

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/drand"
	"github.com/assaychain/assay/offchain-worker/metrics"
	beacon "github.com/assaychain/assay/x/beacon/drand"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
)

// beaconRefresh is how often the chain is asked whether it follows another beacon.
const beaconRefresh = time.Minute

// relay brings beacon rounds to the chain, following the beacon that the chain follows.
func (d *Daemon) relay(ctx context.Context) error {
	for ctx.Err() == nil {
		relay, err := d.newRelay(ctx)
		if err != nil {
			d.deps.Log.Warn("can't relay beacon rounds yet, trying again", "error", err)
			if err := sleep(ctx, 5*time.Second); err != nil {
				return err
			}
			continue
		}
		limited, cancel := context.WithTimeout(ctx, beaconRefresh)
		err = relay.Run(limited)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Daemon) newRelay(ctx context.Context) (*drand.Relay, error) {
	params, err := d.client.BeaconParams(ctx)
	if err != nil {
		return nil, err
	}
	if params.Chain.Period > math.MaxUint32 {
		return nil, fmt.Errorf("beacon period of %d seconds is out of range", params.Chain.Period)
	}
	followed := beacon.Chain{
		PublicKey: params.Chain.PublicKey, Period: uint32(params.Chain.Period),
		Genesis: params.Chain.GenesisTime, Scheme: params.Chain.Scheme,
	}
	source, err := drand.NewClient(drand.ClientConfig{Chain: followed, Endpoints: d.config.Beacon.Endpoints})
	if err != nil {
		return nil, err
	}
	return drand.NewRelay(drand.RelayConfig{
		Source:   source,
		Waiting:  waiting{d.client, awaits{d.runner, d.checker}, followed, time.Duration(d.config.Beacon.ForeignDelay)},
		Poster:   poster{d.client, d.signer, d.metrics},
		Interval: time.Duration(d.config.Beacon.Interval),
		Log:      d.deps.Log,
	})
}

// pending lists the rounds that the chain waits for.
type pending interface {
	PendingRounds(ctx context.Context) ([]beacontypes.Request, error)
}

// awaited tells own rounds from others'.
type awaited interface{ AwaitsRound(round uint64) bool }

// waiting names the rounds to relay: those of own jobs once they are due, others only when nobody else brought them.
type waiting struct {
	chain        pending
	own          awaited
	beacon       beacon.Chain
	foreignDelay time.Duration
}

var _ drand.Waiting = waiting{}

// WaitingRounds lists the rounds that are due for this worker.
func (w waiting) WaitingRounds(ctx context.Context) ([]uint64, error) {
	requests, err := w.chain.PendingRounds(ctx)
	if err != nil {
		return nil, err
	}
	var rounds []uint64
	seen := make(map[uint64]struct{})
	for _, request := range requests {
		due, err := w.beacon.TimeOf(request.Round)
		if err != nil {
			continue // A round of another beacon, which cannot be had any more.
		}
		since := time.Since(time.Unix(due, 0))
		if _, listed := seen[request.Round]; listed || since < 0 || (since < w.foreignDelay && !w.own.AwaitsRound(request.Round)) {
			continue
		}
		seen[request.Round] = struct{}{}
		rounds = append(rounds, request.Round)
	}
	return rounds, nil
}

// rounds tells what the chain has already.
type rounds interface {
	RoundPosted(ctx context.Context, round uint64) (bool, error)
}

// sender is the hot key's signer.
type sender interface {
	Address() sdk.AccAddress
	Send(ctx context.Context, record func(chain.SignedTx) error, messages ...sdk.Msg) (chain.SignedTx, error)
	Await(ctx context.Context, signed chain.SignedTx) (chain.Outcome, error)
}

// poster posts rounds in the hot key's own name.
type poster struct {
	chain   rounds
	signer  sender
	metrics *metrics.Metrics
}

var _ drand.Poster = poster{}

// PostRound posts a round and waits for its block. A round that somebody else posted first is as good. It is not
// journalled: a round sent twice is refused and does no harm.
func (p poster) PostRound(ctx context.Context, round drand.Beacon) error {
	message := &beacontypes.MsgPostRound{Relayer: p.signer.Address().String(), Round: round.Round, Signature: round.Signature}
	signed, err := p.signer.Send(ctx, nil, message)
	if err == nil || errors.Is(err, chain.ErrUnknown) {
		var outcome chain.Outcome
		if outcome, err = p.signer.Await(ctx, signed); err == nil && outcome.OK() {
			p.metrics.Relayed()
			return nil
		}
	}
	if posted, asked := p.chain.RoundPosted(ctx, round.Round); asked == nil && posted {
		return nil
	}
	if err == nil {
		err = errors.New("the transaction had no effect")
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
