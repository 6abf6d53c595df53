package prover

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/sync/errgroup"

	"github.com/assaychain/assay/x/proofs/full"
)

const (
	// smallBlock is how many points a small commitment handles at a time: 4 MiB, which stays in a core's cache.
	smallBlock = 1 << 16
	// block is how many points a quotient's commitment handles at a time: 64 MiB of points and 32 of scalars.
	block = 1 << 20
)

// CommitX commits to an int8 tensor of m rows and k columns, row major.
func (p *Prover) CommitX(ctx context.Context, m, k uint32, x []int8) (full.Commitment, error) {
	g, err := newGrid(m, k, x, nil)
	if err != nil {
		return full.Commitment{}, err
	}
	return p.commitGrid(ctx, g)
}

// CommitY commits to an int32 tensor of m rows and n columns, row major.
func (p *Prover) CommitY(ctx context.Context, m, n uint32, y []int32) (full.Commitment, error) {
	g, err := newGrid(m, n, nil, y)
	if err != nil {
		return full.Commitment{}, err
	}
	return p.commitGrid(ctx, g)
}

// CommitWeights commits to a weight tensor of n rows and k columns, row major, with a bias and a multiplier for each row.
// The result serves any number of proofs; it keeps the slices, which must not change.
func (p *Prover) CommitWeights(ctx context.Context, w Weights) (*CommittedWeights, error) {
	var c full.WeightCommitments
	out, err := LoadWeights(w, c)
	if err != nil {
		return nil, err
	}
	bias, err := newGrid(1, w.N, nil, w.Bias)
	if err != nil {
		return nil, fmt.Errorf("bias: %w", err)
	}
	if c.Values, err = p.commitGrid(ctx, out.values); err != nil {
		return nil, err
	}
	if c.Bias, err = p.commitGrid(ctx, bias); err != nil {
		return nil, err
	}
	multiplier := make([]fr.Element, w.N)
	for i, v := range w.Multiplier {
		multiplier[i].SetUint64(uint64(v))
	}
	point, err := p.commit(multiplier)
	if err != nil {
		return nil, err
	}
	c.Multiplier = point.Bytes()
	return LoadWeights(w, c)
}

// LoadWeights joins weights with what CommitWeights gave for them before, on this or another machine. It doesn't compute the
// commitments again: if they are not those of the values or the biases, Prove refuses.
func LoadWeights(w Weights, commitments full.WeightCommitments) (*CommittedWeights, error) {
	values, err := newGrid(w.N, w.K, w.Values, nil)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if len(w.Bias) != int(w.N) || len(w.Multiplier) != int(w.N) {
		return nil, fmt.Errorf("%w: %d biases and %d multipliers for %d rows", full.ErrShape, len(w.Bias), len(w.Multiplier), w.N)
	}
	return &CommittedWeights{Weights: w, Commitments: commitments, Root: commitments.Root(w.N, w.K), values: values}, nil
}

// commitGrid commits to a tensor.
func (p *Prover) commitGrid(ctx context.Context, g *grid) (full.Commitment, error) {
	points, err := p.commitGrids(ctx, []*grid{g})
	if err != nil {
		return full.Commitment{}, err
	}
	return points[0].Bytes(), nil
}

// commitGrids commits to tensors of one length, and reads the points only once. It shares the blocks out to the workers.
func (p *Prover) commitGrids(ctx context.Context, grids []*grid) ([]bn254.G1Affine, error) {
	if length := grids[0].length(); length > p.source.Len() {
		return nil, fmt.Errorf("%w: the tensor needs %d points of the reference string, it has %d", full.ErrShape, length, p.source.Len())
	}
	totals := make([][]bn254.G1Jac, p.workers)
	group, ctx := errgroup.WithContext(ctx)
	for worker := range p.workers {
		group.Go(func() (err error) {
			totals[worker], err = p.commitBlocks(ctx, grids, worker)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := make([]bn254.G1Affine, len(grids))
	for i := range grids {
		var total bn254.G1Jac
		for worker := range totals {
			total.AddAssign(&totals[worker][i])
		}
		out[i].FromJacobian(&total)
	}
	return out, nil
}

// windows is the cheapest cut of the tensor's values.
func (g *grid) windows() windows {
	bitsOf := 7 // The magnitude of -128 is 8 bits, but its digit of 8 bits exists.
	if g.int32 != nil {
		bitsOf = magnitude(g.int32)
	}
	return windowsFor(bitsOf, g.rows*g.cols)
}

// commitBlocks adds every block up whose number is worker modulo workers.
func (p *Prover) commitBlocks(ctx context.Context, grids []*grid, worker int) ([]bn254.G1Jac, error) {
	sums, out := make([]*smallSum, len(grids)), make([]bn254.G1Jac, len(grids))
	for i, g := range grids {
		sums[i] = newSmallSum(g.windows())
	}
	length := grids[0].length()
	points, values := make([]bn254.G1Affine, min(smallBlock, length)), make([]int32, min(smallBlock, length))
	for from := worker * smallBlock; from < length; from += p.workers * smallBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(smallBlock, length-from)
		if err := p.source.Read(points[:n], from); err != nil {
			return nil, err
		}
		for i, g := range grids {
			g.copyTo(values[:n], from)
			sums[i].add(points[:n], values[:n])
		}
		p.advance(n)
	}
	for i := range sums {
		out[i] = sums[i].total()
	}
	return out, nil
}

// commit commits to a vector of at most a block.
func (p *Prover) commit(coefficients []fr.Element) (out bn254.G1Affine, err error) {
	points := make([]bn254.G1Affine, len(coefficients))
	if err := p.source.Read(points, 0); err != nil {
		return out, err
	}
	return p.multiply(points, coefficients)
}

// commitFields commits to a vector of any length.
func (p *Prover) commitFields(ctx context.Context, coefficients []fr.Element) (sum bn254.G1Affine, err error) {
	points := make([]bn254.G1Affine, min(block, len(coefficients)))
	for from := 0; from < len(coefficients); from += block {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		n := min(block, len(coefficients)-from)
		if err := p.source.Read(points[:n], from); err != nil {
			return sum, err
		}
		part, err := p.multiply(points[:n], coefficients[from:from+n])
		if err != nil {
			return sum, err
		}
		sum.Add(&sum, &part)
		p.advance(n)
	}
	return sum, nil
}

func (p *Prover) multiply(points []bn254.G1Affine, scalars []fr.Element) (out bn254.G1Affine, err error) {
	_, err = out.MultiExp(points, scalars, ecc.MultiExpConfig{NbTasks: p.workers})
	return out, err
}
