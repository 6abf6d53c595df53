package keeper_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

func (f *fixture) submitErr(msg *types.MsgSubmitJob) error {
	return f.do(func(ctx context.Context) error { _, err := f.msgs.SubmitJob(ctx, msg); return err })
}

func TestBadSubmissionsAreRefused(t *testing.T) {
	f := newFixture(t)
	before, balance := f.export(), f.Balance(f.customer)
	// r is the modulus of the field: the root 1 in its other encoding is r + 1.
	r, err := hex.DecodeString("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001")
	require.NoError(t, err)
	aliased := append(bytes.Clone(r[:31]), r[31]+1)
	for name, c := range map[string]struct {
		spoil func(*types.MsgSubmitJob)
		want  error
		says  string
	}{
		"customer":        {func(m *types.MsgSubmitJob) { m.Customer = "assay1x" }, types.ErrAddress, "customer"},
		"program":         {func(m *types.MsgSubmitJob) { m.Spec.Program.Steps[0].Shift = 49 }, types.ErrSpec, "steps[0].shift is 49"},
		"shapes":          {func(m *types.MsgSubmitJob) { m.Spec.Program.Inputs[1].Cols = 5 }, types.ErrSpec, "columns"},
		"inner dimension": {func(m *types.MsgSubmitJob) { m.Spec.Program.Inputs[0].Cols, m.Spec.Program.Inputs[1].Cols = 1025, 1025 }, types.ErrSpec, "inner dimension 1025"},
		"inputs missing":  {func(m *types.MsgSubmitJob) { m.Spec.Inputs = m.Spec.Inputs[:1] }, types.ErrSpec, "inputs has 1 entries"},
		"root short":      {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Root = root(1)[1:] }, types.ErrSpec, "inputs[0].root"},
		"root aliased":    {func(m *types.MsgSubmitJob) { m.Spec.Inputs[1].Root = aliased }, types.ErrSpec, "inputs[1].root"},
		"no locator":      {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators = nil }, types.ErrSpec, "inputs[0].locators"},
		"locators": {func(m *types.MsgSubmitJob) {
			m.Spec.Inputs[0].Locators = strings.Split(strings.Repeat("http://a/ ", 5), " ")[:5]
		}, types.ErrSpec, "at most 4"},
		"locator scheme":     {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "file:///etc/passwd" }, types.ErrSpec, "http"},
		"locator host":       {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "http:///x" }, types.ErrSpec, "host"},
		"locator password":   {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "http://a:b@c/x" }, types.ErrSpec, "credentials"},
		"locator fragment":   {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "http://c/x#y" }, types.ErrSpec, "fragment"},
		"locator garbage":    {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "http://c/\x7f" }, types.ErrSpec, "URL"},
		"locator empty":      {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "" }, types.ErrSpec, "0 bytes"},
		"locator long":       {func(m *types.MsgSubmitJob) { m.Spec.Inputs[0].Locators[0] = "http://c/" + strings.Repeat("x", 504) }, types.ErrSpec, "at most 512"},
		"class":              {func(m *types.MsgSubmitJob) { m.Spec.Requirements.Classes = []registrytypes.DeviceClass{6} }, types.ErrSpec, "no such class"},
		"class twice":        {func(m *types.MsgSubmitJob) { m.Spec.Requirements.Classes = []registrytypes.DeviceClass{1, 1} }, types.ErrSpec, "twice"},
		"backend":            {func(m *types.MsgSubmitJob) { m.Spec.Requirements.Backends = []registrytypes.Backend{0} }, types.ErrSpec, "no such backend"},
		"backend twice":      {func(m *types.MsgSubmitJob) { m.Spec.Requirements.Backends = []registrytypes.Backend{2, 2} }, types.ErrSpec, "twice"},
		"memory":             {func(m *types.MsgSubmitJob) { m.Spec.Requirements.MinMemoryMib = 1 << 31 }, types.ErrSpec, "min_memory_mib"},
		"policy":             {func(m *types.MsgSubmitJob) { m.Spec.Policy = 9 }, types.ErrSpec, "policy"},
		"no samples":         {func(m *types.MsgSubmitJob) { m.Spec.Samples = 0 }, types.ErrSpec, "samples is 0"},
		"samples":            {func(m *types.MsgSubmitJob) { m.Spec.Samples = 65 }, types.ErrSpec, "from 1 to 64"},
		"delivery key short": {func(m *types.MsgSubmitJob) { m.Spec.DeliveryKey = m.Spec.DeliveryKey[:31] }, types.ErrSpec, "delivery_key"},
		"delivery key low":   {func(m *types.MsgSubmitJob) { m.Spec.DeliveryKey = make([]byte, 32) }, types.ErrSpec, "low order"},
		"price below floor":  {func(m *types.MsgSubmitJob) { m.MaxPrice.Amount = math.NewInt(9_999) }, types.ErrPrice, "10000uassay"},
		"price negative":     {func(m *types.MsgSubmitJob) { m.MaxPrice.Amount = math.NewInt(-1) }, types.ErrPrice, "max_price"},
		"price missing":      {func(m *types.MsgSubmitJob) { m.MaxPrice = sdk.Coin{} }, types.ErrPrice, "max_price"},
		"denom":              {func(m *types.MsgSubmitJob) { m.MaxPrice.Denom = "uatom" }, types.ErrPrice, `"uassay"`},
		"deadline missing":   {func(m *types.MsgSubmitJob) { m.Deadline = time.Time{} }, types.ErrDeadline, "must be given"},
		"deadline now":       {func(m *types.MsgSubmitJob) { m.Deadline = f.Ctx.BlockTime() }, types.ErrDeadline, "not after"},
		"deadline past":      {func(m *types.MsgSubmitJob) { m.Deadline = f.Ctx.BlockTime().Add(-time.Hour) }, types.ErrDeadline, "not after"},
		"deadline near":      {func(m *types.MsgSubmitJob) { m.Deadline = f.Ctx.BlockTime().Add(60 * time.Second) }, types.ErrDeadline, "at least 61000"},
		"deadline far":       {func(m *types.MsgSubmitJob) { m.Deadline = f.Ctx.BlockTime().Add(169 * time.Hour) }, types.ErrDeadline, "at most 604800"},
		"escrow short":       {func(m *types.MsgSubmitJob) { m.Customer = banktest.Address("poor").String() }, nil, "insufficient"},
	} {
		msg := f.submission()
		c.spoil(msg)
		err := f.submitErr(msg)
		require.Error(t, err, name)
		if c.want != nil {
			require.ErrorIs(t, err, c.want, name)
		}
		require.Contains(t, err.Error(), c.says, name)
		require.Equal(t, before, f.export(), name)
		require.Equal(t, balance, f.Balance(f.customer), name)
	}
	require.NoError(t, f.submitErr(f.submission()))
	f.block(1)
}

func TestNoJobWithoutACircuit(t *testing.T) {
	f := newFixture(t)
	f.faults.name = "proofs.Fix"
	require.ErrorIs(t, f.submitErr(f.submission()), types.ErrSpec)
}

func TestSubmissionPaysGasBeforeWork(t *testing.T) {
	f := newFixture(t)
	msg := f.submission()
	msg.Spec.Samples = 0
	meter := storetypes.NewGasMeter(1_000_000)
	_, err := f.msgs.SubmitJob(f.Ctx.WithGasMeter(meter), msg)
	require.ErrorIs(t, err, types.ErrSpec)
	want := uint64(types.GasPerJob + types.GasPerKeyExchange + 2*types.GasPerInput + types.GasPerStep)
	require.GreaterOrEqual(t, meter.GasConsumed(), want, "a bad job pays for being checked")
	require.Panics(t, func() {
		_, _ = f.msgs.SubmitJob(f.Ctx.WithGasMeter(storetypes.NewGasMeter(want-1)), msg)
	}, "and nothing is checked on credit")
}

func TestEscrowLocksTheMaximumAtOnce(t *testing.T) {
	f := newFixture(t)
	before := f.Balance(f.customer)
	id := f.submit()
	require.EqualValues(t, before.Int64()-assay, f.Balance(f.customer).Int64())
	account, err := f.escrow.Account(f.Ctx, types.ModuleName, id)
	require.NoError(t, err)
	require.EqualValues(t, assay, account.Locked.Int64())
	_, err = f.escrow.Withdraw(f.Ctx, types.ModuleName, id, f.customer, sdk.NewInt64Coin("uassay", 1))
	require.ErrorIs(t, err, escrowtypes.ErrLocked)
}

// What a customer deposits of its own on top comes back with the rest and disturbs nothing.
func TestExtraDepositsComeBack(t *testing.T) {
	f := newFixture(t)
	f.workers(1)
	before := f.Balance(f.customer)
	job := f.proven()
	_, err := f.escrow.Deposit(f.Ctx, types.ModuleName, job.Id, f.customer, sdk.NewInt64Coin("uassay", 7_777))
	require.NoError(t, err)
	f.wait(101)
	job = f.requireState(job.Id, types.JOB_STATE_CLOSED)
	require.EqualValues(t, assay-price+7_777, job.Refunded.Int64())
	require.EqualValues(t, before.Int64()-price, f.Balance(f.customer).Int64())
}

func TestCancelOnlyByTheCustomerAndOnlyWhileOpen(t *testing.T) {
	f := newFixture(t)
	id := f.submit()
	f.refused(types.ErrNotCustomer, func(ctx context.Context) error {
		_, err := f.msgs.CancelJob(ctx, &types.MsgCancelJob{Customer: banktest.Address("thief").String(), JobId: id})
		return err
	})
	require.ErrorIs(t, f.cancelErr(f.customer, id+1), types.ErrNotFound)
	f.workers(1)
	f.block(1)
	err := f.cancelErr(f.customer, id)
	require.ErrorIs(t, err, types.ErrState)
	require.ErrorContains(t, err, "cancel while ASSIGNED")
}

func TestIDsAreNeverReused(t *testing.T) {
	f := newFixture(t)
	first := f.submit()
	require.NoError(t, f.cancelErr(f.customer, first))
	f.block(1)
	f.Advance(1_001 * time.Second)
	f.block(1)
	require.EqualValues(t, 1, first)
	require.EqualValues(t, 2, f.submit())
}

// TestLargestJob fits every limit at once.
func TestLargestJob(t *testing.T) {
	f := newFixture(t)
	msg := f.submission()
	msg.Spec.Program = program.Program{Version: 1, Inputs: []program.Tensor{
		{Name: "x", Kind: program.TENSOR_KIND_PLAIN, Type: program.DATA_TYPE_INT8, Rows: 4096, Cols: 1024},
		{Name: "w", Kind: program.TENSOR_KIND_WEIGHT, Type: program.DATA_TYPE_INT8, Rows: 1024, Cols: 1024},
	}}
	name := "x"
	for i := range program.MaxSteps {
		out := "y" + string(rune('a'+i))
		msg.Spec.Program.Steps = append(msg.Spec.Program.Steps, program.DenseStep{
			Input: name, Weight: "w", Output: out, Shift: 8, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
		})
		name = out
	}
	msg.Spec.Samples = 64
	msg.Deadline = f.Ctx.BlockTime().Add(7 * 24 * time.Hour)
	require.NoError(t, f.submitErr(msg))
	job := f.job(1)
	require.EqualValues(t, 16<<32, job.Work)
	require.Len(t, job.Circuits, 16)
	require.Equal(t, "opening-1024", job.Circuits[15])
	f.block(1)
}
