package types

import (
	"errors"
	"time"

	"github.com/assaychain/assay/x/accounts"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Accounts: []Account{}, Streams: []Stream{}, Dried: []DryAccount{}}
}

// accountID names an account.
type accountID struct {
	scope string
	id    uint64
}

// Validate checks the state on its own: every record by itself, every name once, and every account against its streams.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	streams, err := g.streamsByAccount()
	if err != nil {
		return err
	}
	seen := make(map[accountID]bool, len(g.Accounts)+len(g.Dried))
	for _, a := range g.Accounts {
		if err := a.Validate(); err != nil {
			return err
		}
		id := accountID{a.Scope, a.Id}
		if seen[id] {
			return ErrGenesis.Wrapf("%s is listed twice", a.Name())
		}
		seen[id] = true
		if err := a.validateStreams(streams[id]); err != nil {
			return err
		}
		delete(streams, id)
	}
	if len(streams) > 0 {
		return ErrGenesis.Wrapf("%d accounts of streams are missing", len(streams))
	}
	for _, d := range g.Dried {
		if err := ValidateScope(d.Scope); err != nil {
			return err
		}
		if id := (accountID{d.Scope, d.Id}); seen[id] {
			return ErrGenesis.Wrapf("account %s/%d ran dry and is listed twice", d.Scope, d.Id)
		}
		if !d.At.Equal(d.At.Truncate(time.Millisecond)) || d.At.UnixMilli() < 0 {
			return ErrGenesis.Wrapf("account %s/%d: at must be whole milliseconds since 1970, got %s", d.Scope, d.Id, d.At)
		}
		if d.Paid.IsNil() || d.Paid.IsNegative() || d.Refunded.IsNil() || d.Refunded.IsNegative() {
			return ErrGenesis.Wrapf("account %s/%d: paid and refunded must be given and not negative, got %s and %s", d.Scope, d.Id, d.Paid, d.Refunded)
		}
		seen[accountID{d.Scope, d.Id}] = true
	}
	return nil
}

// streamsByAccount checks each stream and groups them.
func (g GenesisState) streamsByAccount() (map[accountID][]Stream, error) {
	streams := map[accountID][]Stream{}
	for _, s := range g.Streams {
		if err := s.Validate(); err != nil {
			return nil, err
		}
		id := accountID{s.Scope, s.Id}
		if others := streams[id]; len(others) > 0 && others[len(others)-1].Number >= s.Number {
			return nil, ErrGenesis.Wrapf("%s: the streams of an account must be sorted by number, each once", s.Name())
		}
		streams[id] = append(streams[id], s)
	}
	return streams, nil
}

// canonicalAddress refuses a second spelling of an address, such as one in capitals.
func canonicalAddress(text string) error {
	addr, err := accounts.Decode(text)
	if err != nil {
		return err
	}
	if addr.String() != text {
		return errors.New("address must be written in lower case")
	}
	return nil
}
