package types

import (
	"bytes"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/beacon/drand"
)

// roundRef names a round of a generation.
type roundRef struct{ generation, round uint64 }

// DefaultGenesis follows drand's quicknet and knows no round.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the parameters, every record, and that the records agree with each other. It does not verify the
// rounds' signatures: a round of an earlier generation has no key here any more.
func (g GenesisState) Validate() error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	posted := make(map[roundRef]bool, len(g.Rounds))
	for _, round := range g.Rounds {
		if err := round.Validate(); err != nil {
			return err
		}
		ref := roundRef{round.Generation, round.Round}
		if posted[ref] {
			return ErrGenesis.Wrapf("round %d of generation %d occurs twice", round.Round, round.Generation)
		}
		posted[ref] = true
		if err := g.validateRound(round); err != nil {
			return err
		}
	}
	if err := g.validateRequests("requests", g.Requests, posted, false); err != nil {
		return err
	}
	return g.validateRequests("ready", g.Ready, posted, true)
}

func (g GenesisState) validateRound(round Round) error {
	if round.Generation > g.Generation {
		return ErrGenesis.Wrapf("round %d is of generation %d, beyond the present %d", round.Round, round.Generation, g.Generation)
	}
	if round.Generation == g.Generation && round.Round > g.LatestRound {
		return ErrGenesis.Wrapf("round %d is above latest_round %d", round.Round, g.LatestRound)
	}
	return nil
}

func (g GenesisState) validateRequests(field string, list []Request, posted map[roundRef]bool, wantPosted bool) error {
	seen := make(map[Request]bool, len(list))
	for _, request := range list {
		if err := ValidateConsumer(request.Consumer); err != nil {
			return ErrGenesis.Wrapf("%s: %s", field, err)
		}
		if request.Round == 0 || request.Generation > g.Generation {
			return ErrGenesis.Wrapf("%s: round %d of generation %d: rounds count from 1, generations to %d",
				field, request.Round, request.Generation, g.Generation)
		}
		if posted[roundRef{request.Generation, request.Round}] != wantPosted {
			return ErrGenesis.Wrapf("%s: round %d of generation %d: posted is %t", field, request.Round, request.Generation, !wantPosted)
		}
		if seen[request] {
			return ErrGenesis.Wrapf("%s: round %d for %s occurs twice", field, request.Round, request.Consumer)
		}
		seen[request] = true
	}
	return nil
}

// Validate checks the record's sizes and that its randomness follows from its signature.
func (r Round) Validate() error {
	if r.Round == 0 {
		return ErrGenesis.Wrap("round 0: rounds count from 1")
	}
	if len(r.Signature) != drand.SignatureSize {
		return ErrGenesis.Wrapf("round %d: signature of %d bytes: it must have %d", r.Round, len(r.Signature), drand.SignatureSize)
	}
	if randomness := drand.Randomness(r.Signature); !bytes.Equal(randomness[:], r.Randomness) {
		return ErrGenesis.Wrapf("round %d: randomness is not the SHA-256 of the signature", r.Round)
	}
	if _, err := accounts.Decode(r.Relayer); err != nil {
		return ErrGenesis.Wrapf("round %d: relayer: %s", r.Round, err)
	}
	return nil
}
