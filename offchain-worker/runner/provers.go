package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/proofs/tensor"

	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/program"
)

// Prover commits to tensors and makes the proofs of one level of assurance.
type Prover interface {
	blob.Scheme
	// Check refuses a job that this machine can't commit to or prove, before anything of it is done. That is no fault of its
	// customer.
	Check(a Assignment) error
	// Prove makes as many proofs as the job has samples, in the chain's encoding and order.
	Prove(ctx context.Context, evidence Evidence) ([][]byte, error)
}

// Drawing is a prover of a level that asks for something else than entries of steps, such as whole rows.
type Drawing interface {
	// Positions are what the seed asks of such work, in the order drawn.
	Positions(seed [32]byte, work challenge.Work) ([]program.Position, error)
}

// drawn are the positions that a level asks for.
func drawn(prover Prover, trace challenge.Trace) ([]program.Position, error) {
	if drawing, own := prover.(Drawing); own {
		return drawing.Positions(trace.Seed, trace.Work)
	}
	return program.Positions(trace.Seed, trace.Program, trace.Samples)
}

// Opener is a prover of a level whose contests are decided by an opening.
type Opener interface {
	// Open opens the root of a tensor at a point that the chain drew, in the chain's encoding.
	Open(ctx context.Context, t *tensor.Tensor, root blob.Root, point []byte) ([]byte, error)
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

// Levels are those that have a prover, ascending.
func (p *Provers) Levels() []markettypes.Assurance {
	levels := make([]markettypes.Assurance, 0, len(p.provers))
	for level := range p.provers {
		levels = append(levels, level)
	}
	slices.Sort(levels)
	return levels
}
