package keeper_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"testing"
	"time"

	dcrd "github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/keeper"
	"github.com/assaychain/assay/x/penalty/statement"
	"github.com/assaychain/assay/x/penalty/types"
)

const evidenceAge = 14 * 24 * time.Hour

// statementOf is what op says about a subject some seconds ago.
func (f *fixture) statementOf(op sdk.AccAddress, subject string, ago int64, said string) statement.Statement {
	return statement.Statement{
		ChainID: f.Ctx.ChainID(), Operator: op, Subject: subject, Slot: uint64(f.Ctx.BlockTime().Unix() - ago), Digest: sha256.Sum256([]byte(said)),
	}
}

// signed is a digest with its signature.
func (f *fixture) signed(key *secp256k1.PrivKey, s statement.Statement) types.SignedDigest {
	f.T.Helper()
	signature, err := statement.Sign(key.Key, s)
	require.NoError(f.T, err)
	return types.SignedDigest{Digest: s.Digest[:], Signature: signature}
}

// equivocation is evidence that op said two things.
func (f *fixture) equivocation(op sdk.AccAddress, key *secp256k1.PrivKey, subject string, ago int64) *types.Equivocation {
	f.T.Helper()
	one, two := f.statementOf(op, subject, ago, "one"), f.statementOf(op, subject, ago, "two")
	return &types.Equivocation{Operator: op.String(), Subject: subject, Slot: one.Slot, First: f.signed(key, one), Second: f.signed(key, two)}
}

func (f *fixture) submit(ctx context.Context, e *types.Equivocation) (*types.MsgSubmitEvidenceResponse, error) {
	return f.msg.SubmitEvidence(ctx, &types.MsgSubmitEvidence{Reporter: banktest.Address("reporter").String(), Equivocation: e})
}

func (f *fixture) mustSubmit(e *types.Equivocation) types.Record {
	f.T.Helper()
	res, err := f.submit(f.Ctx, e)
	require.NoError(f.T, err)
	return f.record(res.RecordId)
}

// TestEquivocationIsPunished: anyone who shows it gets the reporter's share, once the window is over.
func TestEquivocationIsPunished(t *testing.T) {
	f := newFixture(t)
	op, key := f.signer("op", 10_000_000)
	record := f.mustSubmit(f.equivocation(op, key, "epoch/receipts", 60))
	require.Equal(t, types.OFFENCE_EQUIVOCATION, record.Offence)
	require.Equal(t, "statement/epoch/receipts/1893455940", record.Subject)
	require.Equal(t, banktest.Address("reporter").String(), record.Reporter)
	require.EqualValues(t, 1_000_000, record.Slashed.Int64())
	require.True(t, f.jailed(op))
	f.Advance(appealWindow)
	f.endBlock()
	require.EqualValues(t, 100_000, f.Balance(banktest.Address("reporter")).Int64())
	second := f.mustSubmit(f.equivocation(op, key, "epoch/receipts", 50))
	require.True(t, second.Tombstoned, "the second time is the last")
}

// TestReportingOneselfByEvidence: an operator that reports itself gets nothing.
func TestReportingOneselfByEvidence(t *testing.T) {
	f := newFixture(t)
	op, key := f.signer("op", 10_000_000)
	_, err := f.msg.SubmitEvidence(f.Ctx, &types.MsgSubmitEvidence{Reporter: op.String(), Equivocation: f.equivocation(op, key, "epoch/receipts", 60)})
	require.NoError(t, err)
	f.Advance(appealWindow)
	f.endBlock()
	require.True(t, f.Balance(op).IsZero())
	require.Equal(t, f.record(1).Slashed, f.record(1).Burnt)
}

func TestEvidenceIsTakenOnce(t *testing.T) {
	f := newFixture(t)
	op, key := f.signer("op", 1_000_000_000)
	e := f.equivocation(op, key, "epoch/receipts", 60)
	f.mustSubmit(e)
	swapped := *e
	swapped.First, swapped.Second = e.Second, e.First
	third := *e
	third.Second = f.signed(key, f.statementOf(op, "epoch/receipts", 60, "three"))
	for _, again := range []*types.Equivocation{e, &swapped, &third} {
		f.refused(types.ErrRepeated, func(ctx context.Context) error {
			_, err := f.submit(ctx, again)
			return err
		})
	}
	f.mustSubmit(f.equivocation(op, key, "epoch/receipts", 61))
	f.mustSubmit(f.equivocation(op, key, "epoch/other", 60))
	other, otherKey := f.signer("other", 10_000_000)
	f.mustSubmit(f.equivocation(other, otherKey, "epoch/receipts", 60))
	f.sound()
}

// TestEvidenceAges: what is too old is refused and its mark forgotten; no change of parameters lets it be taken twice.
func TestEvidenceAges(t *testing.T) {
	f := newFixture(t)
	op, key := f.signer("op", 1_000_000_000)
	marks := func() int {
		state, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(state.Evidence)
	}
	seconds := int64(evidenceAge / time.Second)
	old := f.equivocation(op, key, "a", seconds)
	refused := func(e *types.Equivocation, want error) {
		f.refused(want, func(ctx context.Context) error {
			_, err := f.submit(ctx, e)
			return err
		})
	}
	refused(old, types.ErrExpired)
	refused(f.equivocation(op, key, "a", -1), types.ErrEvidence)
	young := f.equivocation(op, key, "a", seconds-1)
	f.mustSubmit(young)
	now := f.equivocation(op, key, "a", 0)
	f.mustSubmit(now)
	f.endBlock()
	require.Equal(t, 2, marks())
	f.Advance(time.Second)
	f.endBlock()
	require.Equal(t, 1, marks(), "forgotten as soon as it is too old")
	refused(young, types.ErrExpired)
	f.setParams(func(p *types.Params) { p.EvidenceSeconds = types.MaxEvidenceSeconds })
	refused(young, types.ErrExpired)
	refused(now, types.ErrRepeated)
	f.setParams(func(p *types.Params) { p.EvidenceSeconds, p.MaxPrunedPerBlock = 1, 1 })
	f.Advance(time.Minute)
	f.endBlock()
	require.Zero(t, marks())
	f.sound()
}

func TestEvidenceRefusals(t *testing.T) {
	f := newFixture(t)
	op, key := f.signer("op", 10_000_000)
	good := f.equivocation(op, key, "epoch/receipts", 60)
	stranger := keyOf("stranger")
	foreign := f.statementOf(op, "epoch/receipts", 60, "one")
	foreign.ChainID = "assay-test-2"
	nobody := sdk.AccAddress(stranger.PubKey().Address())
	poor, poorKey := f.signer("poor", 1_000_000)
	_, err := f.bond.Slash(f.Ctx, poor, 10_000, types.ModuleName)
	require.NoError(t, err)
	require.NoError(t, f.Bank.BurnCoins(f.Ctx, types.ModuleName, sdk.NewCoins(sdk.NewInt64Coin(banktest.Denom, 1_000_000))))
	cases := map[string]func(e *types.Equivocation){
		"same content": func(e *types.Equivocation) { e.Second = e.First },
		"same, signed anew": func(e *types.Equivocation) {
			e.Second = types.SignedDigest{Digest: e.First.Digest, Signature: e.Second.Signature}
		},
		"other chain":   func(e *types.Equivocation) { e.First = f.signed(key, foreign) },
		"other slot":    func(e *types.Equivocation) { e.First = f.signed(key, f.statementOf(op, "epoch/receipts", 61, "one")) },
		"other subject": func(e *types.Equivocation) { e.First = f.signed(key, f.statementOf(op, "epoch/receipt", 60, "one")) },
		"another's key": func(e *types.Equivocation) {
			e.Second = f.signed(stranger, f.statementOf(op, "epoch/receipts", 60, "two"))
		},
		"another operator": func(e *types.Equivocation) { e.Operator = poor.String() },
		"no key on chain":  func(e *types.Equivocation) { *e = *f.equivocation(nobody, stranger, "epoch/receipts", 60) },
		"nothing to slash": func(e *types.Equivocation) { *e = *f.equivocation(poor, poorKey, "epoch/receipts", 60) },
		"high s":           func(e *types.Equivocation) { e.First.Signature = highS(e.First.Signature) },
		"short signature":  func(e *types.Equivocation) { e.First.Signature = e.First.Signature[:63] },
		"long signature":   func(e *types.Equivocation) { e.First.Signature = append(bytes.Clone(e.First.Signature), 0) },
		"short digest":     func(e *types.Equivocation) { e.First.Digest = e.First.Digest[:31] },
		"no subject":       func(e *types.Equivocation) { e.Subject = "" },
	}
	for name, spoil := range cases {
		bad := *good
		bad.First.Signature, bad.Second.Signature = bytes.Clone(good.First.Signature), bytes.Clone(good.Second.Signature)
		spoil(&bad)
		before := f.state()
		cached, _ := f.Ctx.CacheContext()
		_, err := f.submit(cached, &bad)
		require.ErrorIs(t, err, types.ErrEvidence, name)
		require.Equal(t, before, f.state(), name)
	}
	_, err = f.submit(f.Ctx, nil)
	require.ErrorIs(t, err, types.ErrEvidence)
	f.mustSubmit(good)
}

// highS is the other form of a signature, which is as true and not canonical.
func highS(signature []byte) []byte {
	var s dcrd.ModNScalar
	s.SetByteSlice(signature[32:])
	high := s.Negate().Bytes()
	return append(bytes.Clone(signature[:32]), high[:]...)
}

// TestGasIsChargedBeforeTheWork: each signature is paid for before it is checked, and what is refused without a look at
// the signatures doesn't pay for them.
func TestGasIsChargedBeforeTheWork(t *testing.T) {
	f := newFixture(t)
	op, key := f.signer("op", 10_000_000)
	e := f.equivocation(op, key, "epoch/receipts", 60)
	e.Second.Signature[40] ^= 1
	meter := storetypes.NewGasMeter(10_000_000)
	cached, _ := f.Ctx.WithGasMeter(meter).CacheContext()
	_, err := f.submit(cached, e)
	require.ErrorIs(t, err, types.ErrEvidence)
	both := meter.GasConsumed()
	e.First.Signature[40] ^= 1
	meter = storetypes.NewGasMeter(10_000_000)
	cached, _ = f.Ctx.WithGasMeter(meter).CacheContext()
	_, err = f.submit(cached, e)
	require.ErrorIs(t, err, types.ErrEvidence)
	require.EqualValues(t, keeper.SignatureGas, both-meter.GasConsumed())
	one := meter.GasConsumed()
	short, _ := f.Ctx.WithGasMeter(storetypes.NewGasMeter(one - 1)).CacheContext()
	require.PanicsWithValue(t, storetypes.ErrorOutOfGas{Descriptor: "signature of evidence"}, func() { _, _ = f.submit(short, e) })
	e.Slot = 1
	meter = storetypes.NewGasMeter(10_000_000)
	cached, _ = f.Ctx.WithGasMeter(meter).CacheContext()
	_, err = f.submit(cached, e)
	require.ErrorIs(t, err, types.ErrExpired)
	require.Less(t, meter.GasConsumed(), one-keeper.SignatureGas)
}

// BenchmarkSignatureGas justifies SignatureGas: a statement's check against the SDK's check of a transaction's signature, for
// which it charges 1,000 gas.
func BenchmarkSignatureGas(b *testing.B) {
	key := keyOf("bench")
	s := statement.Statement{ChainID: "assay-test-1", Operator: key.PubKey().Address(), Subject: "epoch/receipts", Slot: 1}
	signature, err := statement.Sign(key.Key, s)
	require.NoError(b, err)
	content, err := s.SignBytes()
	require.NoError(b, err)
	public := key.PubKey()
	b.Run("statement", func(b *testing.B) {
		for range b.N {
			require.NoError(b, statement.Verify(public.Bytes(), s, signature))
		}
	})
	b.Run("transaction", func(b *testing.B) {
		for range b.N {
			require.True(b, public.VerifySignature(content, signature))
		}
	})
}
