package drand

import (
	"errors"
	"sync"
	"time"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

// ErrOutage tells that the signer is switched off.
var ErrOutage = errors.New("beacon signer is in an outage")

// SignerConfig describes a development beacon.
type SignerConfig struct {
	// Key signs the rounds.
	Key *devkey.Key
	// Period is the time between two rounds in seconds, at least 1.
	Period uint32
	// Genesis is the time of round 1 in Unix seconds.
	Genesis int64
	// BeaconID names the chain, for example "assay-local".
	BeaconID string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Signer is a development beacon: it signs each round with one key, once the round is due and never before. It needs no
// storage, since a signature depends on nothing but key and round. It is safe for concurrent use.
type Signer struct {
	key  *devkey.Key
	info drand.Info
	now  func() time.Time

	mu       sync.Mutex
	outage   bool
	withheld map[uint64]struct{}
}

// NewSigner validates the configuration.
func NewSigner(config SignerConfig) (*Signer, error) {
	if config.Key == nil {
		return nil, errors.New("beacon signer: a key is required")
	}
	info := drand.Info{
		Chain: drand.Chain{
			PublicKey: config.Key.PublicKey(), Period: config.Period, Genesis: config.Genesis, Scheme: drand.Scheme,
		},
		GroupHash: make([]byte, drand.RandomnessSize), // There is no group: one key.
		BeaconID:  config.BeaconID,
	}
	if err := info.Validate(); err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Signer{key: config.Key, info: info, now: config.Now, withheld: make(map[uint64]struct{})}, nil
}

// Info returns the beacon's description, to be named in a genesis or given to a client.
func (s *Signer) Info() drand.Info { return s.info }

// Round signs a round if it is due, and returns ErrNotPublished before that and for a withheld round.
func (s *Signer) Round(round uint64) (Beacon, error) {
	due, err := s.info.TimeOf(round)
	if err != nil {
		return Beacon{}, err
	}
	if err := s.blocked(round); err != nil {
		return Beacon{}, err
	}
	if s.now().Unix() < due {
		return Beacon{}, ErrNotPublished
	}
	signature, err := s.key.Sign(round)
	if err != nil {
		return Beacon{}, err
	}
	randomness := drand.Randomness(signature)
	return Beacon{Round: round, Signature: signature, Randomness: randomness[:]}, nil
}

// Latest signs the last round that is due and not withheld.
func (s *Signer) Latest() (Beacon, error) {
	round := s.info.RoundAt(s.now().Unix())
	for round > 0 && errors.Is(s.blocked(round), ErrNotPublished) {
		round--
	}
	if round == 0 {
		return Beacon{}, ErrNotPublished
	}
	return s.Round(round)
}

func (s *Signer) blocked(round uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outage {
		return ErrOutage
	}
	if _, held := s.withheld[round]; held {
		return ErrNotPublished
	}
	return nil
}

// Withhold keeps rounds back until Release names them: a fault for tests.
func (s *Signer) Withhold(rounds ...uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, round := range rounds {
		s.withheld[round] = struct{}{}
	}
}

// Release ends the withholding of rounds, of all of them if none is named.
func (s *Signer) Release(rounds ...uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(rounds) == 0 {
		clear(s.withheld)
	}
	for _, round := range rounds {
		delete(s.withheld, round)
	}
}

// SetOutage switches the whole beacon off and on: a fault for tests. The rounds of an outage are published after it, as
// drand does.
func (s *Signer) SetOutage(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = on
}
