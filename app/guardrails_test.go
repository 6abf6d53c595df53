package app_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/testutil/chain"
	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/dao/guardrail"
	daotypes "github.com/assaychain/assay/x/dao/types"
)

// newChain is a chain of one validator, with the beacon that its genesis must name.
func newChain(t *testing.T) *chain.Chain {
	t.Helper()
	key, err := devkey.FromSeed(make([]byte, 32))
	require.NoError(t, err)
	return chain.New(t, chain.Config{Beacon: beacontypes.Chain{
		PublicKey: key.PublicKey(), Period: 1, GenesisTime: chain.Start.Unix(), Scheme: drand.Scheme,
	}})
}

// place is the number of an element in the path of a field.
var place = regexp.MustCompile(`\[\d*\]`)

// TestEveryParameterHasAGuardrail walks the parameters of every module. A number needs bounds, of the table or of the module's
// own check, and a largest change; anything else needs a line that says whether it is open to votes. A new parameter that has
// none fails here until somebody has decided.
func TestEveryParameterHasAGuardrail(t *testing.T) {
	c := newChain(t)
	lines, err := c.App().Dao.Guardrails(c.Context(), "")
	require.NoError(t, err)
	seen, numbers := map[string]int{}, 0
	for _, l := range lines {
		seen[l.TypeUrl]++
		name := fmt.Sprintf("%s %s", l.TypeUrl, l.Field)
		field := place.ReplaceAllString(l.Field, "")
		listed := named(strings.TrimPrefix(l.TypeUrl, "/"), field)
		switch {
		case l.Treatment == guardrail.Frozen.String():
			assert.True(t, listed, "%s: say in x/dao/guardrail/table.go whether a vote may change it", name)
		case l.Treatment == guardrail.Free.String():
			require.True(t, listed, name)
		case l.Min == "" || l.Max == "":
			require.True(t, strings.HasPrefix(l.TypeUrl, "/assay."), "%s: give it bounds in x/dao/guardrail/table.go", name)
			requireOwnBounds(t, c, l)
			fallthrough
		default:
			numbers++
			require.NotEmpty(t, l.Lowest, "%s has no largest change", name)
			require.NotEmpty(t, l.Highest, "%s has no largest change", name)
		}
	}
	for _, typeURL := range c.App().Encoding().InterfaceRegistry.ListImplementations(sdk.MsgInterfaceProtoName) {
		if strings.HasSuffix(typeURL, ".MsgUpdateParams") && c.App().MsgServiceRouter().HandlerByTypeURL(typeURL) != nil {
			require.Positive(t, seen[typeURL], "%s has no guardrails", typeURL)
		}
	}
	require.GreaterOrEqual(t, len(seen), 15)
	t.Logf("%d fields of %d modules, %d of them bounded numbers", len(lines), len(seen), numbers)
}

// named tells whether the table has a line for a field or for a record around it.
func named(message, field string) bool {
	for path := field; path != ""; {
		if guardrail.Default().Knows(message, path) {
			return true
		}
		cut := strings.LastIndex(path, ".")
		path = path[:max(cut, 0)]
	}
	return false
}

// requireOwnBounds requires that a module refuses the largest value that a field can have, and one below zero.
func requireOwnBounds(t *testing.T, c *chain.Chain, l daotypes.Guardrail) {
	t.Helper()
	for _, extreme := range []bool{true, false} {
		msg, set := probe(t, c, l, extreme)
		if !set {
			continue
		}
		ctx, _ := c.Context().CacheContext()
		_, err := c.App().MsgServiceRouter().Handler(msg)(ctx, msg)
		assert.Error(t, err, "%s %s has no bound of its module's: give it one there or in x/dao/guardrail/table.go", l.TypeUrl, l.Field)
	}
}

// probe is a message with the present parameters but for one field, which is as high or as low as can be written; false when
// it can't be lower than zero.
func probe(t *testing.T, c *chain.Chain, l daotypes.Guardrail, high bool) (sdk.Msg, bool) {
	t.Helper()
	name := strings.TrimPrefix(l.TypeUrl, "/")
	message := blank(t, name)
	fields := message.Descriptor().Fields()
	message.Set(fields.ByName("authority"), protoreflect.ValueOfString(app.Authority()))
	message.Set(fields.ByName("params"), protoreflect.ValueOfMessage(present(t, c, strings.TrimSuffix(name, "MsgUpdateParams"))))
	at := message.Mutable(fields.ByName("params")).Message()
	steps := strings.Split(l.Field, ".")
	for _, step := range steps[:len(steps)-1] {
		field := at.Descriptor().Fields().ByName(protoreflect.Name(place.ReplaceAllString(step, "")))
		if !field.IsList() {
			at = at.Mutable(field).Message()
			continue
		}
		var i int
		_, err := fmt.Sscanf(place.FindString(step), "[%d]", &i)
		require.NoError(t, err)
		at = at.Mutable(field).List().Get(i).Message()
	}
	last := steps[len(steps)-1]
	require.NotContains(t, last, "[]", "%s %s: a list without bounds", l.TypeUrl, l.Field)
	set := setExtreme(t, at, at.Descriptor().Fields().ByName(protoreflect.Name(last)), high)
	raw, err := protov2.Marshal(message.Interface())
	require.NoError(t, err)
	registered, err := c.App().Encoding().InterfaceRegistry.Resolve(l.TypeUrl)
	require.NoError(t, err)
	require.NoError(t, c.App().Encoding().Codec.Unmarshal(raw, registered))
	return registered.(sdk.Msg), set
}

func setExtreme(t *testing.T, at protoreflect.Message, field protoreflect.FieldDescriptor, high bool) bool {
	t.Helper()
	switch field.Kind() {
	case protoreflect.Uint32Kind:
		at.Set(field, protoreflect.ValueOfUint32(math.MaxUint32))
		return high
	case protoreflect.Uint64Kind:
		at.Set(field, protoreflect.ValueOfUint64(math.MaxUint64))
		return high
	case protoreflect.Int32Kind:
		at.Set(field, protoreflect.ValueOfInt32(map[bool]int32{true: math.MaxInt32, false: -1}[high]))
	case protoreflect.Int64Kind:
		at.Set(field, protoreflect.ValueOfInt64(map[bool]int64{true: math.MaxInt64, false: -1}[high]))
	case protoreflect.StringKind:
		at.Set(field, protoreflect.ValueOfString(map[bool]string{true: sdkmath.NewIntWithDecimal(1, 76).String(), false: "-1"}[high]))
	case protoreflect.MessageKind:
		seconds := map[bool]int64{true: 9_000_000_000, false: -1}[high]
		at.Mutable(field).Message().Set(field.Message().Fields().ByName("seconds"), protoreflect.ValueOfInt64(seconds))
	default:
		require.Fail(t, "unknown kind", "%s is %s: teach this test to probe it", field.FullName(), field.Kind())
	}
	return true
}

// schemas are those of all linked messages.
var schemas = sync.OnceValues(proto.MergedRegistry)

func blank(t *testing.T, name string) protoreflect.Message {
	t.Helper()
	files, err := schemas()
	require.NoError(t, err)
	found, err := files.FindDescriptorByName(protoreflect.FullName(name))
	require.NoError(t, err)
	return dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
}

// present asks a module for its parameters, over the query that anybody can ask.
func present(t *testing.T, c *chain.Chain, pkg string) protoreflect.Message {
	t.Helper()
	answer, err := c.App().Query(t.Context(), &abci.RequestQuery{Path: "/" + pkg + "Query/Params"})
	require.NoError(t, err)
	require.Zero(t, answer.Code, answer.Log)
	response := blank(t, pkg+"QueryParamsResponse")
	require.NoError(t, protov2.Unmarshal(answer.Value, response.Interface()))
	return response.Get(response.Descriptor().Fields().ByName("params")).Message()
}

// TestEmergenciesNeedMoreVotes: whatever the votes make of the two quorums, that of emergencies is the higher.
func TestEmergenciesNeedMoreVotes(t *testing.T) {
	c := newChain(t)
	bounds := map[string]daotypes.Guardrail{}
	for _, typeURL := range []string{"/cosmos.gov.v1.MsgUpdateParams", "/assay.dao.v1.MsgUpdateParams"} {
		lines, err := c.App().Dao.Guardrails(c.Context(), typeURL)
		require.NoError(t, err)
		for _, l := range lines {
			bounds[l.Field] = l
		}
	}
	emergency, err := sdkmath.LegacyNewDecFromStr(bounds["emergency_quorum_bps"].Min)
	require.NoError(t, err)
	ordinary, err := sdkmath.LegacyNewDecFromStr(bounds["quorum"].Max)
	require.NoError(t, err)
	require.True(t, emergency.GT(ordinary.MulInt64(daotypes.BasisPoints)))
	require.Equal(t, "5000", bounds["emergency_quorum_bps"].Present)
	require.Equal(t, "0.334", bounds["quorum"].Present)
}
