package customer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/assaychain/assay/offchain-worker/chain"
	"github.com/assaychain/assay/offchain-worker/drand"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
)

// NewRelay makes a relay that brings the beacon rounds the chain waits for from an endpoint, for when no worker does.
func NewRelay(ctx context.Context, market *Market, wallet *Wallet, endpoint string, log *slog.Logger) (*drand.Relay, error) {
	params, err := market.BeaconParams(ctx)
	if err != nil {
		return nil, err
	}
	source, err := drand.NewClient(drand.ClientConfig{Chain: params.Chain.Drand(), Endpoints: []string{endpoint}})
	if err != nil {
		return nil, err
	}
	if err := source.Check(ctx); err != nil {
		return nil, err
	}
	return drand.NewRelay(drand.RelayConfig{
		Source: source, Waiting: waiting{market}, Poster: poster{market, wallet}, Interval: time.Second, Log: log,
	})
}

// waiting lists the rounds that the chain waits for.
type waiting struct{ market *Market }

func (w waiting) WaitingRounds(ctx context.Context) ([]uint64, error) {
	requests, err := w.market.PendingRounds(ctx)
	rounds := []uint64{}
	for _, request := range requests {
		rounds = append(rounds, request.Round)
	}
	return rounds, err
}

// poster posts rounds in the customer's name; one that somebody else posted first is delivered.
type poster struct {
	market *Market
	wallet *Wallet
}

func (p poster) PostRound(ctx context.Context, round drand.Beacon) error {
	_, _, err := p.wallet.Send(ctx, nil, &beacontypes.MsgPostRound{
		Relayer: p.wallet.Address().String(), Round: round.Round, Signature: round.Signature,
	})
	if errors.Is(err, chain.ErrRefused) {
		if posted, askErr := p.market.RoundPosted(ctx, round.Round); askErr == nil && posted {
			return nil
		}
	}
	return err
}
