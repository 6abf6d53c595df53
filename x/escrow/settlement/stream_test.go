package settlement_test

import (
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/escrow/internal/ledger"
	"github.com/assaychain/assay/x/escrow/settlement"
)

var (
	blocks     = flag.Int("blocks", 500, "blocks of each case of settling every block")
	rates      = flag.Int("rates", 60, "random rates and splits to settle every block")
	operations = flag.Int("operations", 20_000, "random operations to compare with the slow model")
)

// payer is an account with its streams and what every share of every stream got.
type payer struct {
	books   settlement.Books
	streams []settlement.Stream
	bps     [][]uint32
	got     [][]math.Int
}

func newPayer(t require.TestingT, deposit int64) *payer {
	books, err := settlement.Open(math.NewInt(deposit))
	require.NoError(t, err)
	return &payer{books: books}
}

func (p *payer) open(rate math.Int, bps []uint32) error {
	books, err := p.books.Reprice(math.ZeroInt(), rate)
	if err != nil {
		return err
	}
	p.books = books
	p.streams = append(p.streams, settlement.Stream{Rate: rate, Through: books.Flow.Through, Paid: math.ZeroInt()})
	p.bps = append(p.bps, bps)
	got := make([]math.Int, len(bps)+1)
	for i := range got {
		got[i] = math.ZeroInt()
	}
	p.got = append(p.got, got)
	return nil
}

// settle pays one stream and returns what each share got of it.
func (p *payer) settle(t require.TestingT, i int) []math.Int {
	before := p.streams[i].Paid
	stream, due := p.streams[i].Settle(p.books.Flow.Through)
	p.streams[i] = stream
	if due.IsZero() {
		return nil
	}
	p.books = p.books.PayStream(due)
	parts, err := settlement.Grow(before, stream.Paid, p.bps[i])
	require.NoError(t, err)
	for j, part := range parts {
		if part.IsNegative() {
			require.Fail(t, "a share shrank", "%s", part)
		}
		p.got[i][j] = p.got[i][j].Add(part)
	}
	return parts
}

func (p *payer) setRate(t require.TestingT, i int, rate math.Int) bool {
	books, err := p.books.Reprice(p.streams[i].Rate, rate)
	if err != nil {
		return false
	}
	p.books = books
	p.settle(t, i)
	p.streams[i].Rate = rate
	return true
}

// String tells everything but the moments through which single streams are settled.
func (p *payer) String() string {
	text := fmt.Sprintln(p.books.Balance, p.books.Locked, p.books.Paid, p.books.Flow)
	for i, s := range p.streams {
		text += fmt.Sprintln(i, s.Rate, s.Remainder, s.Paid, p.got[i])
	}
	return text
}

func randomBps(random *rand.Rand) []uint32 {
	bps, left := []uint32(nil), settlement.BasisPoints
	for range random.Intn(5) {
		share := random.Intn(left + 1)
		bps, left = append(bps, uint32(share)), left-share
	}
	return bps
}

// TestSettleOftenIsSettleOnce: an account whose streams are settled at every block and one whose streams are settled at the end end the
// same to the unit, in every share: with pauses, other rates and top-ups on the way, and whether or not the money runs out.
func TestSettleOftenIsSettleOnce(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d: %d rates and splits, %d blocks each", seed, *rates, *blocks)
	random := rand.New(rand.NewSource(seed))
	dried := 0
	for range *rates {
		deposit := int64(1 << 60)
		if random.Intn(2) == 0 {
			deposit = 1 + random.Int63n(1<<(5+random.Intn(40)))
		}
		often, once := newPayer(t, deposit), newPayer(t, deposit)
		for range 1 + random.Intn(3) {
			rate, bps := math.NewInt(random.Int63n(1<<(10+random.Intn(32)))), randomBps(random)
			require.Equal(t, often.open(rate, bps), once.open(rate, bps))
		}
		now := int64(0)
		for range *blocks {
			now += 1 + random.Int63n(7_000)
			often.books = often.books.Accrue(now)
			for i := range often.streams {
				often.settle(t, i)
			}
			if often.books.Flow.Dry && random.Intn(10) == 0 {
				break
			}
			if len(often.streams) == 0 || often.books.Flow.Dry || random.Intn(100) > 0 {
				continue
			}
			once.books = once.books.Accrue(now)
			if random.Intn(2) == 0 {
				amount := math.NewInt(1 + random.Int63n(deposit))
				often.books, _ = often.books.Deposit(amount)
				once.books, _ = once.books.Deposit(amount)
				continue
			}
			i, rate := random.Intn(len(often.streams)), math.NewInt(random.Int63n(3)*random.Int63n(1<<40))
			require.Equal(t, often.setRate(t, i, rate), once.setRate(t, i, rate))
		}
		once.books = once.books.Accrue(now)
		for i := range once.streams {
			once.settle(t, i)
		}
		require.Equal(t, often.String(), once.String())
		require.False(t, often.books.Balance.IsNegative())
		if often.books.Flow.Dry {
			dried++
		}
	}
	t.Logf("%d of %d ran dry", dried, *rates)
}

// TestDivide: shares never shrink, add up, and are near their fraction.
func TestDivide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bps := rapid.Custom(func(t *rapid.T) []uint32 {
			return randomBps(rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))))
		}).Draw(t, "bps")
		total := math.NewInt(rapid.Int64Range(0, 1<<50).Draw(t, "total"))
		parts, err := settlement.Divide(total, bps)
		require.NoError(t, err)
		next, err := settlement.Divide(total.AddRaw(rapid.Int64Range(0, 3).Draw(t, "more")), bps)
		require.NoError(t, err)
		sum, rest := math.ZeroInt(), uint32(settlement.BasisPoints)
		for i, part := range parts {
			require.False(t, next[i].LT(part), "share %d shrank", i)
			sum = sum.Add(part)
			share := rest
			if i < len(bps) {
				share, rest = bps[i], rest-bps[i]
			}
			above := part.MulRaw(settlement.BasisPoints).Sub(total.MulRaw(int64(share)))
			require.True(t, above.GT(math.NewInt(-settlement.BasisPoints)), "share %d is too small", i)
			require.True(t, above.IsZero() || above.LT(math.NewInt(int64(i)*settlement.BasisPoints)) || i == 0 && !above.IsPositive(), "share %d is too large", i)
		}
		require.Equal(t, total.String(), sum.String())
	})
	_, err := settlement.Divide(math.NewInt(-1), nil)
	require.ErrorIs(t, err, settlement.ErrAmount)
	_, err = settlement.Divide(math.NewInt(1), []uint32{6_000, 4_001})
	require.ErrorIs(t, err, settlement.ErrRates)
}

// TestLots: deposits are drained in order, and claims rest on the first.
func TestLots(t *testing.T) {
	lots := []math.Int{math.NewInt(10), math.NewInt(0), math.NewInt(5), math.NewInt(7)}
	left, err := settlement.Drain(lots, math.NewInt(12))
	require.NoError(t, err)
	require.Equal(t, "[0 0 3 7]", fmt.Sprint(left))
	require.Equal(t, "[10 0 5 7]", fmt.Sprint(lots), "the argument stays")
	require.Equal(t, "[0 0 3 7]", fmt.Sprint(settlement.Withdrawable(lots, math.NewInt(12))))
	_, err = settlement.Drain(lots, math.NewInt(23))
	require.ErrorIs(t, err, settlement.ErrShort)
}

// TestFlowBounds: no rate, balance or moment that is let in can overflow.
func TestFlowBounds(t *testing.T) {
	power := func(bits uint) math.Int {
		return math.NewInt(1).Mul(math.NewIntFromUint64(1 << 63)).MulRaw(2).Mul(pow2(bits - 64))
	}
	_, err := settlement.Open(power(200))
	require.ErrorIs(t, err, settlement.ErrAmount)
	books, err := settlement.Open(power(200).SubRaw(1))
	require.NoError(t, err)
	_, err = books.Deposit(math.OneInt())
	require.ErrorIs(t, err, settlement.ErrAmount)
	_, err = books.Deposit(power(255))
	require.ErrorIs(t, err, settlement.ErrAmount)
	for range 256 {
		books, err = books.Reprice(math.ZeroInt(), power(128).SubRaw(1))
		require.NoError(t, err)
	}
	_, err = books.Reprice(math.ZeroInt(), power(128))
	require.ErrorIs(t, err, settlement.ErrRate)
	for _, bad := range []math.Int{{}, math.NewInt(-1)} {
		require.ErrorIs(t, settlement.CheckRate(bad), settlement.ErrRate)
	}
	dry, flowing := books.DryAt()
	require.True(t, flowing)
	require.LessOrEqual(t, dry, int64(settlement.Never))
	require.False(t, books.Accrue(settlement.Never).Spare().IsNegative())

	slow, err := settlement.Open(power(200).SubRaw(1))
	require.NoError(t, err)
	slow, err = slow.Reprice(math.ZeroInt(), math.OneInt())
	require.NoError(t, err)
	dry, flowing = slow.DryAt()
	require.True(t, flowing)
	require.EqualValues(t, settlement.Never, dry)
	require.False(t, slow.Accrue(settlement.Never-1).Flow.Dry)
}

func pow2(bits uint) math.Int {
	result := math.OneInt()
	for range bits {
		result = result.MulRaw(2)
	}
	return result
}

// TestDryMoment: the money lasts to the millisecond, streams earn nothing after it, and a clock that goes back changes nothing.
func TestDryMoment(t *testing.T) {
	p := newPayer(t, 10)
	require.NoError(t, p.open(math.NewInt(3_600_000/7), nil), "a seventh of a unit a millisecond")
	dry, flowing := p.books.DryAt()
	require.True(t, flowing)
	require.EqualValues(t, 10*3_600_000/(3_600_000/7), dry)
	require.False(t, p.books.Accrue(dry-1).Flow.Dry)
	require.Equal(t, p.books.Accrue(dry), p.books.Accrue(dry+1_000_000), "nothing is earned after it")
	p.books = p.books.Accrue(dry)
	require.True(t, p.books.Flow.Dry)
	require.Equal(t, p.books, p.books.Accrue(0))
	require.ErrorIs(t, p.open(math.NewInt(1), nil), settlement.ErrDry)
	p.settle(t, 0)
	require.Equal(t, "9", p.books.Paid.String(), "the last unit was not earned in full")
	require.Equal(t, "1", p.books.Balance.String())
	books := p.books.Drop(p.streams[0].Earned(dry))
	require.Equal(t, "1", books.Spare().String(), "it stays with the depositors")
}

// TestBooksModel compares random operations with the slow model.
func TestBooksModel(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d, %d operations", seed, *operations)
	random := rand.New(rand.NewSource(seed))
	applied := map[string]int{}
	for done := 0; done < *operations; {
		deposit := 1 + random.Int63n(1_000_000)
		p, slow := newPayer(t, deposit), ledger.Open("opener", deposit, 0, 4)
		for step := 0; step < 100 && done < *operations; step, done = step+1, done+1 {
			now := p.books.Flow.Through + random.Int63n(1<<random.Intn(12))
			p.books = p.books.Accrue(now)
			slow.Advance(now)
			name := modelStep(t, random, p, slow)
			applied[name]++
			compare(t, p, slow, name)
			if p.books.Flow.Dry {
				break
			}
		}
	}
	t.Logf("0 differences: %v", applied)
}

// modelStep does one random operation to both.
func modelStep(t *testing.T, random *rand.Rand, p *payer, slow *ledger.Account) string {
	amount := random.Int63n(1 << (1 + random.Intn(20)))
	rate := random.Int63n(1<<(1+random.Intn(33))) * random.Int63n(4)
	pick := random.Intn(max(1, len(p.streams)))
	try := func(name string, allowed bool, books settlement.Books, err error, apply func()) string {
		require.Equal(t, allowed, err == nil, "%s of %d: %v", name, amount, err)
		if err == nil {
			p.books = books
			apply()
			return name
		}
		return name + " refused"
	}
	value, own := math.NewInt(amount), ledger.Lot{Owner: "opener", Left: amount}
	switch random.Intn(9) {
	case 0:
		books, err := p.books.Deposit(value)
		return try("deposit", amount > 0, books, err, func() { slow.Join(own) })
	case 1:
		books, err := p.books.Add(value)
		return try("add", amount > 0, books, err, func() { slow.Join(own); slow.Locked += amount })
	case 2:
		books, err := p.books.Withdraw(value)
		return try("withdraw", amount > 0 && amount <= slow.Free(), books, err, func() { slow.Withdraw("opener", amount) })
	case 3:
		books, err := p.books.Lock(value)
		return try("lock", amount > 0 && amount <= slow.Free(), books, err, func() { slow.Locked += amount })
	case 4:
		books, err := p.books.Unlock(value)
		return try("unlock", amount > 0, books, err, func() { slow.Locked = max(0, slow.Locked-amount) })
	case 5:
		books, err := p.books.Pay(value)
		return try("pay", amount <= slow.Spare(), books, err, func() {
			slow.Spend(amount)
			slow.Locked = max(0, slow.Locked-amount)
		})
	case 6:
		if len(p.streams) > 0 && random.Intn(3) == 0 {
			return endStream(t, p, slow, pick)
		}
		bps := randomBps(random)
		allowed := rate == 0 || !slow.Dry && slow.Affords(rate)
		require.Equal(t, allowed, p.open(math.NewInt(rate), bps) == nil, "rate %d", rate)
		if allowed {
			slow.OpenStream(rate, widen(bps))
		}
		return "open stream"
	case 7:
		if len(p.streams) == 0 {
			return "no stream"
		}
		s := slow.Streams[pick]
		allowed := rate <= s.Rate || !slow.Dry && slow.Affords(rate-s.Rate)
		require.Equal(t, allowed, p.setRate(t, pick, math.NewInt(rate)))
		if allowed {
			slow.Settle(s)
			s.Rate = rate
		}
		return "set rate"
	default:
		if len(p.streams) == 0 {
			return "no stream"
		}
		requireParts(t, slow.Settle(slow.Streams[pick]), p.settle(t, pick))
		return "settle"
	}
}

func endStream(t *testing.T, p *payer, slow *ledger.Account, i int) string {
	requireParts(t, slow.End(slow.Streams[i]), p.settle(t, i))
	books, err := p.books.Drop(p.streams[i].Earned(p.books.Flow.Through)).Reprice(p.streams[i].Rate, math.ZeroInt())
	require.NoError(t, err)
	p.books = books
	p.streams, p.bps, p.got = slices.Delete(p.streams, i, i+1), slices.Delete(p.bps, i, i+1), slices.Delete(p.got, i, i+1)
	return "end stream"
}

// requireParts compares what each share got; nothing at all is no parts.
func requireParts(t *testing.T, want []int64, got []math.Int) {
	if got == nil {
		got = slices.Repeat([]math.Int{math.ZeroInt()}, len(want))
	}
	require.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
}

func widen(bps []uint32) []int64 {
	var wide []int64
	for _, share := range bps {
		wide = append(wide, int64(share))
	}
	return wide
}

func compare(t *testing.T, p *payer, slow *ledger.Account, name string) {
	want := fmt.Sprint(slow.Balance(), slow.Locked, slow.Paid, slow.Spare(), slow.Dry)
	got := fmt.Sprint(p.books.Balance, p.books.Locked, p.books.Paid, p.books.Spare(), p.books.Flow.Dry)
	if want != got {
		require.Equal(t, want, got, name)
	}
	if slow.Dry {
		require.Equal(t, slow.DryAt, p.books.Flow.Through)
	}
	for i, s := range p.streams {
		if model := slow.Streams[i]; s.Earned(p.books.Flow.Through).Int64() != model.Earned-model.Paid*ledger.Hour {
			require.Fail(t, "stream differs", "%s: stream %d", name, i)
		}
	}
}
