package stake

import (
	"cosmossdk.io/math"
)

// Parts is an amount divided over an operator's pools.
type Parts struct {
	// Bonded belongs to the bonded pool.
	Bonded math.Int
	// Unbonding belongs to the unbonding pool.
	Unbonding math.Int
	// Rest belongs to neither, because nobody has a share of them.
	Rest math.Int
}

// Total is the sum of all parts.
func (p Parts) Total() math.Int {
	return p.Bonded.Add(p.Unbonding).Add(p.Rest)
}

// Slash cuts bps basis points of both pools together, rounded up once for the whole: moving stake from one pool to the
// other never lowers the sum. The bonded pool gives its own proportion rounded up, the unbonding pool what is missing, so
// the parts add up to the whole and none gives more than it holds. It costs the same for any number of shares.
func (p Position) Slash(bps uint32) (Position, Parts, error) {
	if bps > BasisPoints {
		return p, Parts{}, ErrFraction
	}
	cut := Parts{Bonded: fractionUp(p.Bonded.Tokens, bps), Rest: math.ZeroInt()}
	cut.Unbonding = fractionUp(p.Slashable(), bps).Sub(cut.Bonded)
	p.Bonded, cut.Bonded = p.Bonded.lose(cut.Bonded)
	p.Unbonding, cut.Unbonding = p.Unbonding.lose(cut.Unbonding)
	return p, cut, nil
}

// Restore gives amount back to everybody who has shares, in proportion to what the two pools hold, or to their shares
// when a slash left nothing in either. Without shares all of it is Rest.
func (p Position) Restore(amount math.Int) (Position, Parts, error) {
	parts := Parts{Bonded: math.ZeroInt(), Unbonding: math.ZeroInt(), Rest: math.ZeroInt()}
	if !positive(amount) {
		return p, parts, ErrAmount
	}
	if amount.GT(MaxTokens.Sub(p.Slashable())) {
		return p, parts, ErrTooMuch
	}
	of, whole := p.Unbonding.Tokens, p.Slashable()
	if whole.IsZero() {
		of, whole = p.Unbonding.Shares, p.Unbonding.Shares.Add(p.Bonded.Shares)
	}
	switch {
	case whole.IsZero():
		parts.Rest = amount
		return p, parts, nil
	case of.Equal(whole):
		parts.Unbonding = amount
	default:
		parts.Unbonding = MulDiv(amount, of, whole, Down)
		parts.Bonded = amount.Sub(parts.Unbonding)
	}
	p.Bonded.Tokens = p.Bonded.Tokens.Add(parts.Bonded)
	p.Unbonding.Tokens = p.Unbonding.Tokens.Add(parts.Unbonding)
	return p, parts, nil
}

// fractionUp is ceil(amount·bps/10000).
func fractionUp(amount math.Int, bps uint32) math.Int {
	return MulDiv(amount, math.NewIntFromUint64(uint64(bps)), math.NewInt(BasisPoints), Up)
}
