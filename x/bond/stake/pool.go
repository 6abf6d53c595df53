package stake

import (
	"math/big"

	"cosmossdk.io/math"
)

// Rounding is the direction in which a division rounds.
type Rounding bool

const (
	// Down rounds towards zero.
	Down Rounding = false
	// Up rounds away from zero.
	Up Rounding = true
)

// Scales of pools.
var (
	// sharesPerToken is the number of shares that the first unit of a pool buys: shares are finer than tokens, so that
	// rounding them costs nobody more than a unit.
	sharesPerToken = math.NewInt(1_000_000_000)
	// leastWorth is the number of shares to a token above which a pool counts as worth nothing: 10^24, a millionth of a
	// billionth of what the shares cost. It bounds the size of every number.
	leastWorth = math.NewIntWithDecimal(1, 24)
	// MaxTokens is the most a pool holds: far above any supply, and low enough that no number outgrows 256 bits.
	MaxTokens = math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 96)).SubRaw(1)
)

// MulDiv is a·b/c in the given direction; the product may be of any size. Amounts are not negative and c is positive.
func MulDiv(a, b, c math.Int, rounding Rounding) math.Int {
	quotient, rest := new(big.Int), new(big.Int)
	quotient.QuoRem(quotient.Mul(a.BigInt(), b.BigInt()), c.BigInt(), rest)
	if rounding == Up && rest.Sign() > 0 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return math.NewIntFromBigInt(quotient)
}

// Pool is an amount that many own by shares. Without shares it is empty. Whoever moves bears the rounding, so that no
// step lowers what another's shares are worth.
type Pool struct {
	// Tokens is what the pool holds.
	Tokens math.Int
	// Shares is the sum of all shares in it.
	Shares math.Int
}

// EmptyPool returns a pool without tokens and shares.
func EmptyPool() Pool {
	return Pool{Tokens: math.ZeroInt(), Shares: math.ZeroInt()}
}

// IsZero tells whether nobody has a share.
func (p Pool) IsZero() bool {
	return p.Tokens.IsZero() && p.Shares.IsZero()
}

// Void tells whether shares are left though a slash took everything.
func (p Pool) Void() bool {
	return p.Tokens.IsZero() && p.Shares.IsPositive()
}

// Worth is what shares of the pool are worth, rounded down.
func (p Pool) Worth(shares math.Int) math.Int {
	if shares.IsZero() || p.Shares.IsZero() {
		return math.ZeroInt()
	}
	return MulDiv(shares, p.Tokens, p.Shares, Down)
}

// Join adds amount and returns the shares it buys, rounded down. It refuses a void pool, an amount beyond MaxTokens, and
// a price of a share so high that rounding would cost the newcomer more than a unit.
func (p Pool) Join(amount math.Int) (Pool, math.Int, error) {
	if !positive(amount) {
		return p, math.Int{}, ErrAmount
	}
	if p.Void() {
		return p, math.Int{}, ErrVoid
	}
	if amount.GT(MaxTokens) || p.Tokens.Add(amount).GT(MaxTokens) {
		return p, math.Int{}, ErrTooMuch
	}
	next := Pool{Tokens: p.Tokens.Add(amount)}
	minted := amount.Mul(sharesPerToken)
	if p.Shares.IsPositive() {
		minted = MulDiv(amount, p.Shares, p.Tokens, Down)
	}
	next.Shares = p.Shares.Add(minted)
	if !minted.IsPositive() || next.Worth(minted).AddRaw(1).LT(amount) {
		return p, math.Int{}, ErrPrice
	}
	return next, minted, nil
}

// Take takes amount out for the owner of held shares and returns the shares it costs, rounded up: all of them when what
// is left would be worth nothing. It refuses more than held is worth.
func (p Pool) Take(amount, held math.Int) (Pool, math.Int, error) {
	if !positive(amount) {
		return p, math.Int{}, ErrAmount
	}
	if amount.GT(p.Worth(held)) {
		return p, math.Int{}, ErrLocked
	}
	burned := math.MinInt(held, MulDiv(amount, p.Shares, p.Tokens, Up))
	next := Pool{Tokens: p.Tokens.Sub(amount), Shares: p.Shares.Sub(burned)}
	if rest := held.Sub(burned); next.Worth(rest).IsZero() {
		next.Shares, burned = next.Shares.Sub(rest), held
	}
	return next, burned, nil
}

// Redeem takes shares out and returns what they were worth, rounded down.
func (p Pool) Redeem(shares math.Int) (Pool, math.Int) {
	amount := p.Worth(shares)
	return Pool{Tokens: p.Tokens.Sub(amount), Shares: p.Shares.Sub(shares)}, amount
}

// lose takes amount from all shares alike, and the rest too when it is too little for that many shares. It returns what
// was taken.
func (p Pool) lose(amount math.Int) (Pool, math.Int) {
	if left := p.Tokens.Sub(amount); left.Mul(leastWorth).LT(p.Shares) {
		amount = p.Tokens
	}
	return Pool{Tokens: p.Tokens.Sub(amount), Shares: p.Shares}, amount
}
