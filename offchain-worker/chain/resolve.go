package chain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// hashOf is the hash by which nodes know a transaction.
func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// Resolve tells what became of a transaction that Send recorded, in this process or before a crash. A transaction that this
// process has not sent yet is sent again, the same bytes, so that it can't count twice. TxDead is only returned once the
// chain cannot take it any more: it expired or its sequence is used, and a node that indexes has had time to show it. The
// caller must then look at the state again before it sends anything in its place, since a node may not index at all.
func (s *Signer) Resolve(ctx context.Context, signed SignedTx) (Outcome, error) {
	outcome, found, err := s.transport.Find(ctx, signed.Hash)
	if err != nil {
		return Outcome{}, fmt.Errorf("find transaction %s: %w", signed.Hash, err)
	}
	if found {
		return outcome, nil
	}
	height, over, err := s.over(ctx, signed)
	if err != nil {
		return Outcome{}, err
	}
	if over {
		return s.bury(ctx, signed, height)
	}
	return Outcome{State: TxPending}, s.resend(ctx, signed)
}

// over tells whether no later block can take the transaction.
func (s *Signer) over(ctx context.Context, signed SignedTx) (uint64, bool, error) {
	height, err := s.accounts.Height(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("last height: %w", err)
	}
	if height >= signed.TimeoutHeight {
		return height, true, nil
	}
	_, sequence, err := s.accounts.Account(ctx, s.address)
	if err != nil {
		return 0, false, fmt.Errorf("account %s: %w", s.address, err)
	}
	return height, sequence > signed.Sequence, nil
}

// bury waits until a node must have indexed the block that may hold the transaction, and looks a last time.
func (s *Signer) bury(ctx context.Context, signed SignedTx, height uint64) (Outcome, error) {
	for {
		now, err := s.accounts.Height(ctx)
		if err != nil {
			return Outcome{}, fmt.Errorf("last height: %w", err)
		}
		if now >= height+settleBlocks {
			break
		}
		if err := pause(ctx, s.config.Poll); err != nil {
			return Outcome{}, err
		}
	}
	outcome, found, err := s.transport.Find(ctx, signed.Hash)
	if err != nil || found {
		return outcome, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = false
	delete(s.sent, signed.Hash)
	return Outcome{State: TxDead}, nil
}

// resend broadcasts a transaction of an earlier process once. What the mempool says does not matter: Resolve waits for the
// chain's word.
func (s *Signer) resend(ctx context.Context, signed SignedTx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, done := s.sent[signed.Hash]; done {
		return nil
	}
	s.known = false
	if err := s.transport.Broadcast(ctx, signed.Bytes); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	s.sent[signed.Hash] = struct{}{}
	return nil
}

// Await resolves a transaction until it is no longer pending.
func (s *Signer) Await(ctx context.Context, signed SignedTx) (Outcome, error) {
	for {
		outcome, err := s.Resolve(ctx, signed)
		if err != nil || outcome.State != TxPending {
			return outcome, err
		}
		if err := pause(ctx, s.config.Poll); err != nil {
			return outcome, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
