package drand

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Source gives published rounds; errors wrap ErrNotPublished for a round that is still to come.
type Source interface {
	Round(ctx context.Context, round uint64) (Beacon, error)
}

// Waiting tells which rounds somebody waits for, oldest first. It may name rounds that are not published yet.
type Waiting interface {
	WaitingRounds(ctx context.Context) ([]uint64, error)
}

// Poster delivers a round. It must take a round that is already there as delivered, since several relays may race.
type Poster interface {
	PostRound(ctx context.Context, beacon Beacon) error
}

var _ Source = (*Client)(nil)

// RelayConfig is what a relay works with; every field is required.
type RelayConfig struct {
	Source  Source
	Waiting Waiting
	Poster  Poster
	// Interval is the time between two looks at what is missing.
	Interval time.Duration
	Log      *slog.Logger
}

// Relay brings the rounds that somebody waits for from a source to a poster. It keeps no state: after a restart it finds
// out again what is missing.
type Relay struct{ config RelayConfig }

// NewRelay checks that the configuration is complete.
func NewRelay(config RelayConfig) (*Relay, error) {
	if config.Source == nil || config.Waiting == nil || config.Poster == nil || config.Log == nil {
		return nil, errors.New("beacon relay: source, waiting, poster and log are all required")
	}
	if config.Interval <= 0 {
		return nil, fmt.Errorf("beacon relay: interval is %s: it must be above 0", config.Interval)
	}
	return &Relay{config: config}, nil
}

// Run relays until the context ends and returns its error. Failures are logged and tried again: a relay outlives any outage.
func (r *Relay) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.config.Interval)
	defer ticker.Stop()
	for {
		if _, err := r.Step(ctx); err != nil && ctx.Err() == nil {
			r.config.Log.Warn("beacon relay: trying again", "error", err, "in", r.config.Interval)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Step relays every round that is both waited for and published, and returns how many it delivered. One round that fails
// does not hold up the others; their errors come joined. A round that is not published yet is no error.
func (r *Relay) Step(ctx context.Context) (int, error) {
	rounds, err := r.config.Waiting.WaitingRounds(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask which rounds are missing: %w", err)
	}
	var failures []error
	delivered := 0
	for _, round := range rounds {
		err := r.relay(ctx, round)
		switch {
		case err == nil:
			delivered++
		case onlyNotPublished(err):
		default:
			failures = append(failures, fmt.Errorf("round %d: %w", round, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return delivered, errors.Join(failures...)
}

func (r *Relay) relay(ctx context.Context, round uint64) error {
	beacon, err := r.config.Source.Round(ctx, round)
	if err != nil {
		return err
	}
	if err := r.config.Poster.PostRound(ctx, beacon); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	r.config.Log.Info("beacon round relayed", "round", round)
	return nil
}

// onlyNotPublished tells whether waiting is the whole remedy: with several endpoints, each of them says so.
func onlyNotPublished(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, part := range joined.Unwrap() {
			if !onlyNotPublished(part) {
				return false
			}
		}
		return true
	}
	return errors.Is(err, ErrNotPublished)
}
