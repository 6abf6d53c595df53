package runner

import (
	"context"
	"errors"
	"fmt"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// Prover makes the proofs of one level of assurance.
type Prover interface {
	// Prove makes as many proofs as the job has samples, in the chain's encoding and order.
	Prove(ctx context.Context, evidence Evidence) ([][]byte, error)
}

// Provers is the sealed registry of provers: register at wiring, Seal, then it is read-only.
type Provers struct {
	provers map[markettypes.Assurance]Prover
	sealed  bool
}

// Register adds the prover of a level. It refuses a second one for it, and any once sealed.
func (p *Provers) Register(level markettypes.Assurance, prover Prover) error {
	if p.sealed {
		return errors.New("provers are sealed")
	}
	if p.provers == nil {
		p.provers = make(map[markettypes.Assurance]Prover)
	}
	if _, taken := p.provers[level]; taken || prover == nil {
		return fmt.Errorf("prover for %s: give one, and once", level.Word())
	}
	p.provers[level] = prover
	return nil
}

// Seal ends the registration.
func (p *Provers) Seal() { p.sealed = true }

// For is the prover of a level.
func (p *Provers) For(level markettypes.Assurance) (Prover, error) {
	if !p.sealed {
		return nil, errors.New("provers are used before they are sealed")
	}
	prover, known := p.provers[level]
	if !known {
		return nil, fmt.Errorf("this worker has no prover for assurance %s: upgrade it", level.Word())
	}
	return prover, nil
}
