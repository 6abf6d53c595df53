package settlement_test

import (
	"flag"
	"math/big"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/escrow/settlement"
)

var splits = flag.Int("splits", 200_000, "random splits to check")

// floor is the definition in big integers: floor(amount·bps/10000).
func floor(amount math.Int, bps uint32) math.Int {
	n := new(big.Int).Mul(amount.BigInt(), big.NewInt(int64(bps)))
	return math.NewIntFromBigInt(n.Quo(n, big.NewInt(settlement.BasisPoints)))
}

func checkSplit(t require.TestingT, amount math.Int, rates settlement.Rates) {
	shares, err := settlement.Split(amount, rates)
	if err != nil || !shares.Sum().Equal(amount) {
		require.NoError(t, err)
		require.Equal(t, amount.String(), shares.Sum().String(), "shares must add up")
	}
	recipient, burn := floor(amount, settlement.BasisPoints-rates.Protocol-rates.Burn), floor(amount, rates.Burn)
	if !shares.Recipient.Equal(recipient) || !shares.Burn.Equal(burn) {
		require.Equal(t, recipient.String(), shares.Recipient.String())
		require.Equal(t, burn.String(), shares.Burn.String())
	}
	if dust := shares.Protocol.Sub(floor(amount, rates.Protocol)); dust.IsNegative() || dust.GT(math.NewInt(2)) {
		require.Fail(t, "dust out of range", "%s", dust)
	}
}

func TestSplitIsExact(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	for range *splits {
		protocol := random.Intn(settlement.BasisPoints + 1)
		burn := random.Intn(settlement.BasisPoints + 1 - protocol)
		amount := math.NewInt(random.Int63() >> random.Intn(63))
		checkSplit(t, amount, settlement.Rates{Protocol: uint32(protocol), Burn: uint32(burn)})
	}
}

func TestSplitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		protocol := rapid.Uint32Range(0, settlement.BasisPoints).Draw(t, "protocol")
		burn := rapid.Uint32Range(0, settlement.BasisPoints-protocol).Draw(t, "burn")
		amount := math.NewIntFromBigInt(new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, "amount")))
		checkSplit(t, amount, settlement.Rates{Protocol: protocol, Burn: burn})
	})
}

func TestSplitOfFewUnits(t *testing.T) {
	for amount := int64(0); amount <= 20; amount++ {
		for _, rates := range []settlement.Rates{{}, {Protocol: 200, Burn: 100}, {Protocol: 10_000}, {Burn: 10_000}, {Protocol: 3_333, Burn: 3_333}} {
			checkSplit(t, math.NewInt(amount), rates)
		}
	}
}

func TestSplitRefusesBadInput(t *testing.T) {
	for _, rates := range []settlement.Rates{{Protocol: 10_001}, {Protocol: 5_000, Burn: 5_001}, {Protocol: 4_294_967_295, Burn: 2}} {
		_, err := settlement.Split(math.OneInt(), rates)
		require.ErrorIs(t, err, settlement.ErrRates)
	}
	for _, amount := range []math.Int{{}, math.NewInt(-1)} {
		_, err := settlement.Split(amount, settlement.Rates{})
		require.ErrorIs(t, err, settlement.ErrAmount)
	}
}

// TestBooksBalance walks random operations on one account: what went in is what is there, was paid, or was withdrawn;
// locked never exceeds the balance; a refused operation changes nothing.
func TestBooksBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := math.NewInt(rapid.Int64Range(1, 1_000).Draw(t, "open"))
		b, err := settlement.Open(first)
		require.NoError(t, err)
		in, out := first, math.ZeroInt()
		move := func(apply func(settlement.Books, math.Int) (settlement.Books, error), sum *math.Int) func(*rapid.T) {
			return func(t *rapid.T) {
				amount := math.NewInt(rapid.Int64Range(-1, 1_000).Draw(t, "amount"))
				after, err := apply(b, amount)
				if err != nil {
					require.Equal(t, b, after)
					return
				}
				b = after
				*sum = sum.Add(amount)
			}
		}
		paid := math.ZeroInt()
		t.Repeat(map[string]func(*rapid.T){
			"deposit":  move(settlement.Books.Deposit, &in),
			"add":      move(settlement.Books.Add, &in),
			"withdraw": move(settlement.Books.Withdraw, &out),
			"pay":      move(settlement.Books.Pay, &paid),
			"": func(t *rapid.T) {
				require.Equal(t, paid.String(), b.Paid.String())
				require.Equal(t, in.Sub(out).Sub(paid).String(), b.Balance.String())
				require.False(t, b.Locked.IsNegative() || b.Locked.GT(b.Balance), "locked %s of %s", b.Locked, b.Balance)
			},
		})
	})
}

func TestBooksRefusals(t *testing.T) {
	b, err := settlement.Open(math.NewInt(100))
	require.NoError(t, err)
	_, err = b.Withdraw(math.OneInt())
	require.ErrorIs(t, err, settlement.ErrLocked, "a new account is all locked")
	_, err = b.Pay(math.NewInt(101))
	require.ErrorIs(t, err, settlement.ErrShort)
	b, err = b.Deposit(math.NewInt(50))
	require.NoError(t, err)
	_, err = b.Withdraw(math.NewInt(51))
	require.ErrorIs(t, err, settlement.ErrLocked)
	b, err = b.Pay(math.NewInt(30))
	require.NoError(t, err)
	require.Equal(t, "70", b.Locked.String(), "payments come out of the locked part first")
	for _, bad := range []math.Int{{}, math.ZeroInt(), math.NewInt(-1)} {
		_, err = settlement.Open(bad)
		require.ErrorIs(t, err, settlement.ErrAmount)
		_, err = b.Deposit(bad)
		require.ErrorIs(t, err, settlement.ErrAmount)
		_, err = b.Add(bad)
		require.ErrorIs(t, err, settlement.ErrAmount)
		_, err = b.Withdraw(bad)
		require.ErrorIs(t, err, settlement.ErrAmount)
	}
}
