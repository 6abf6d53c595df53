package guardrail_test

import (
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/assaychain/assay/x/dao/guardrail"
	daotypes "github.com/assaychain/assay/x/dao/types"
	escrowtypes "github.com/assaychain/assay/x/escrow/types"
	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// mirror reads a message by its schema.
func mirror(t require.TestingT, msg proto.Message) protoreflect.Message {
	raw, err := proto.Marshal(msg)
	require.NoError(t, err)
	return decode(t, proto.MessageName(msg), raw)
}

func decode(t require.TestingT, name string, raw []byte) protoreflect.Message {
	found, err := proto.HybridResolver.FindDescriptorByName(protoreflect.FullName(name))
	require.NoError(t, err)
	message := dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
	require.NoError(t, protov2.Unmarshal(raw, message))
	return message
}

// check compares parameters before and after a change under the real table.
func check[T any, P interface {
	*T
	proto.Message
}](t *testing.T, message string, present T, edit func(P)) error {
	t.Helper()
	before := mirror(t, P(&present))
	edit(&present)
	return guardrail.Default().Check(message, before, mirror(t, P(&present)))
}

const (
	dao      = "assay.dao.v1.MsgUpdateParams"
	penalty  = "assay.penalty.v1.MsgUpdateParams"
	escrow   = "assay.escrow.v1.MsgUpdateParams"
	slashing = "cosmos.slashing.v1beta1.MsgUpdateParams"
	gov      = "cosmos.gov.v1.MsgUpdateParams"
	staking  = "cosmos.staking.v1beta1.MsgUpdateParams"
)

// TestLimits: kinds of numbers at, within and beyond what they may be, and what the error says.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"nothing":        {check(t, dao, daotypes.DefaultParams(), func(*daotypes.Params) {}), ""},
		"up half":        {check(t, dao, daotypes.DefaultParams(), func(p *daotypes.Params) { p.MaxGrants = 1500 }), ""},
		"too much":       {check(t, dao, daotypes.DefaultParams(), func(p *daotypes.Params) { p.MaxGrants = 1501 }), "max_grants is 1000 and would be 1501: one proposal may set it from 500 to 1500, and it must stay from 10 to 10000"},
		"too low":        {check(t, dao, daotypes.DefaultParams(), func(p *daotypes.Params) { p.MaxGrants = 499 }), "from 500 to 1500"},
		"duration":       {check(t, dao, daotypes.DefaultParams(), func(p *daotypes.Params) { p.TimeLock = 73 * time.Hour }), "time_lock is 48h0m0s and would be 73h0m0s: one proposal may set it from 24h0m0s to 72h0m0s"},
		"bound":          {check(t, dao, daotypes.DefaultParams(), func(p *daotypes.Params) { p.EmergencyQuorumBps = 4099 }), "from 4100 to 7500"},
		"element":        {check(t, penalty, penaltytypes.DefaultParams(), func(p *penaltytypes.Params) { p.Rules[1].SlashBps = 751 }), "rules[1].slash_bps is 500 and would be 751: one proposal may set it from 250 to 750"},
		"element within": {check(t, penalty, penaltytypes.DefaultParams(), func(p *penaltytypes.Params) { p.Rules[1].SlashBps = 750 }), ""},
		"element kind":   {check(t, penalty, penaltytypes.DefaultParams(), func(p *penaltytypes.Params) { p.Rules[1].Offence = 1 }), "rules[1].offence can't be changed"},
		"fewer elements": {check(t, penalty, penaltytypes.DefaultParams(), func(p *penaltytypes.Params) { p.Rules = p.Rules[1:] }), "none can be added or removed"},
		"decimal text":   {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.Quorum = "0.41" }), "quorum is 0.334 and would be 0.41: one proposal may set it from 0.2 to 0.4"},
		"decimal same":   {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.Quorum = "0.3340" }), ""},
		"no decimal":     {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.Quorum = "much" }), `quorum: "much" is no number`},
		"switch":         {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.BurnVoteQuorum = !p.BurnVoteQuorum }), ""},
		"frozen text":    {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.ProposalCancelDest = "assay1" }), "proposal_cancel_dest can't be changed"},
		"coin":           {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.MinDeposit[0].Amount = math.NewInt(15_000_001) }), "min_deposit[0].amount is 10000000 and would be 15000001"},
		"coin's name":    {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.MinDeposit[0].Denom = "dust" }), "min_deposit[0].denom can't be changed"},
		"another coin":   {check(t, gov, govv1.DefaultParams(), func(p *govv1.Params) { p.MinDeposit = append(p.MinDeposit, sdk.NewInt64Coin("other", 1)) }), "min_deposit has 1 elements and would have 2"},
		"decimal digits": {check(t, slashing, slashingtypes.DefaultParams(), func(p *slashingtypes.Params) { p.SlashFractionDoubleSign = math.LegacyNewDecWithPrec(76, 3) }), "slash_fraction_double_sign is 0.05 and would be 0.076: one proposal may set it from 0.025 to 0.075"},
		"from zero":      {check(t, staking, stakingtypes.DefaultParams(), func(p *stakingtypes.Params) { p.MinCommissionRate = math.LegacyNewDecWithPrec(1, 2) }), ""},
		"far from zero":  {check(t, staking, stakingtypes.DefaultParams(), func(p *stakingtypes.Params) { p.MinCommissionRate = math.LegacyNewDecWithPrec(11, 3) }), "from 0 to 0.01"},
		"denomination":   {check(t, staking, stakingtypes.DefaultParams(), func(p *stakingtypes.Params) { p.BondDenom = "other" }), "bond_denom can't be changed"},
	} {
		if c.says == "" {
			require.NoError(t, c.err, name)
		} else {
			require.ErrorContains(t, c.err, c.says, name)
		}
	}
}

// TestOutOfBounds: what a genesis chose beyond the table may stay and come nearer, and may not go further.
func TestOutOfBounds(t *testing.T) {
	params := daotypes.DefaultParams()
	params.TimeLock = 10 * time.Second
	require.NoError(t, check(t, dao, params, func(p *daotypes.Params) { p.MaxGrants++ }))
	require.NoError(t, check(t, dao, params, func(p *daotypes.Params) { p.TimeLock = 15 * time.Second }))
	require.ErrorContains(t, check(t, dao, params, func(p *daotypes.Params) { p.TimeLock = 9 * time.Second }), "from 10s to 15s")
}

// TestLists: values of a list are exchanged as many at a time as may be added.
func TestLists(t *testing.T) {
	params := escrowtypes.DefaultParams()
	params.AllowedDenoms = []string{"a", "b", "c", "d"}
	edit := func(denoms ...string) error {
		return check(t, escrow, params, func(p *escrowtypes.Params) { p.AllowedDenoms = denoms })
	}
	require.NoError(t, edit("d", "c", "b", "a"), "order is none of the table's business")
	require.NoError(t, edit("a", "b", "c", "d", "e", "f"))
	require.NoError(t, edit("a", "b"))
	require.NoError(t, edit("a", "b", "c", "e"), "one goes and one comes")
	require.ErrorContains(t, edit("a", "b", "e", "f"), "new or removed elements of allowed_denoms")
	require.ErrorContains(t, edit("a"), "number of elements of allowed_denoms is 4 and would be 1")
	require.ErrorContains(t, edit("a", "a", "a", "a", "a", "a", "a", "b", "c", "d"), "would be 10")
	require.ErrorContains(t, edit(make([]string, 1001)...), "at most 1000")
}

// TestNewElements: what is added to a list of records has to be within the bounds of the table, and what a free record
// holds may change.
func TestNewElements(t *testing.T) {
	table := guardrail.Table{{Message: "m", Rules: []guardrail.Rule{{Field: "rules", Min: "1", Max: "8"}, {Field: "rules.slash_bps", Max: "2000"}, {Field: "rules.offence", Treatment: guardrail.Free}}}}
	params := penaltytypes.DefaultParams()
	params.Rules = params.Rules[:5]
	before := mirror(t, &params)
	params.Rules = append(params.Rules, penaltytypes.OffenceRule{SlashBps: 2000})
	require.NoError(t, table.Check("m", before, mirror(t, &params)))
	params.Rules[len(params.Rules)-1].SlashBps = 2001
	require.ErrorContains(t, table.Check("m", before, mirror(t, &params)), "rules[5].slash_bps")
	params.Rules = append(params.Rules[:5], make([]penaltytypes.OffenceRule, 3)...)
	require.ErrorContains(t, table.Check("m", before, mirror(t, &params)), "would be 8: one proposal may set it from 3 to 7")
}

// TestNothingIsUnnamed: what is no number and has no line is frozen.
func TestNothingIsUnnamed(t *testing.T) {
	params := stakingtypes.DefaultParams()
	before := mirror(t, &params)
	params.BondDenom = "other"
	require.ErrorIs(t, guardrail.Table{}.Check(staking, before, mirror(t, &params)), guardrail.ErrFrozen)
}

// TestUnknownFieldsAreRefused: what the schema doesn't have could not be compared.
func TestUnknownFieldsAreRefused(t *testing.T) {
	params := daotypes.DefaultParams()
	raw, err := proto.Marshal(&params)
	require.NoError(t, err)
	before := decode(t, "assay.dao.v1.Params", raw)
	after := decode(t, "assay.dao.v1.Params", append(raw, 0xb8, 0x3e, 1))
	require.ErrorIs(t, guardrail.Default().Check(dao, before, after), guardrail.ErrValue)
}

// TestAcceptedChangesAreSmall: whatever number is accepted lies within half of the present value, or a step.
func TestAcceptedChangesAreSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := escrowtypes.DefaultParams()
		const highest = 1_000_000_000_000
		params.MinDeposit = math.NewInt(rapid.Int64Range(1, highest).Draw(t, "present"))
		before := mirror(t, &params)
		was := params.MinDeposit
		params.MinDeposit = math.NewInt(rapid.Int64Range(0, 1<<41).Draw(t, "proposed"))
		err := guardrail.Default().Check(escrow, before, mirror(t, &params))
		limit := math.MaxInt(was.QuoRaw(2), math.OneInt())
		bounded := params.MinDeposit.IsPositive() && params.MinDeposit.LTE(math.NewInt(highest))
		require.Equal(t, bounded && params.MinDeposit.Sub(was).Abs().LTE(limit), err == nil, "%s to %s", was, params.MinDeposit)
	})
}

// TestRandomBytes reads random bytes as present and proposed parameters: nothing panics, and equal parameters are never
// refused unless they can't be read.
func TestRandomBytes(t *testing.T) {
	daoParams, govParams, penaltyParams := daotypes.DefaultParams(), govv1.DefaultParams(), penaltytypes.DefaultParams()
	seeds := []proto.Message{&daoParams, &govParams, &penaltyParams}
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SampledFrom(seeds).Draw(t, "type")
		before, after := mutated(t, seed), mutated(t, seed)
		for _, message := range []string{gov, penalty, dao, staking} {
			_ = guardrail.Default().Check(message, before, after)
			_, _ = guardrail.Default().Describe(message, before)
			if err := guardrail.Default().Check(message, before, before); err != nil {
				require.ErrorIs(t, err, guardrail.ErrValue)
			}
		}
	})
}

// mutated is a message with some bytes changed, added or missing, as far as it can be decoded.
func mutated(t *rapid.T, seed proto.Message) protoreflect.Message {
	raw, err := proto.Marshal(seed)
	require.NoError(t, err)
	for range rapid.IntRange(0, 6).Draw(t, "mutations") {
		at := rapid.IntRange(0, len(raw)).Draw(t, "at")
		added := rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "bytes")
		end := min(len(raw), at+rapid.IntRange(0, 4).Draw(t, "replaced"))
		raw = append(append(append([]byte{}, raw[:at]...), added...), raw[end:]...)
	}
	found, err := proto.HybridResolver.FindDescriptorByName(protoreflect.FullName(proto.MessageName(seed)))
	require.NoError(t, err)
	message := dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
	// What was read before an error is as good a message as any.
	_ = protov2.Unmarshal(raw, message)
	return message
}
