package market_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market"
	"github.com/assaychain/assay/x/market/client/cli"
	"github.com/assaychain/assay/x/market/types"
)

// Every message and query has a command with a description and an example.
func TestEveryMethodHasACommand(t *testing.T) {
	options := market.AppModule{}.AutoCLIOptions()
	own, _, err := market.AppModule{}.GetQueryCmd().Find([]string{"explain"})
	require.NoError(t, err)
	require.Contains(t, own.Example, "assayd query market explain 7")
	for _, c := range []struct {
		service *autocliv1.ServiceCommandDescriptor
		want    []string
		prefix  string
	}{
		{options.Query, []string{"Params", "Job", "Jobs", "Challenge", "Proofs", "Delivery", "Relays", "Replicas", "Clock", "Quote", "Explain", "Disputes", "DisputeTerms", "Lease", "Leases", "Calendar", "LeaseQuote"}, "assayd query market "},
		{options.Tx, []string{
			"SubmitJob", "CancelJob", "CommitResult", "ReportUnavailable", "ProveResult", "ClaimUndelivered", "DeliverResult",
			"ContestDelivery", "DisputeResult", "AnswerDispute", "UpdateParams", "OpenLease", "ReserveLease", "ExtendLease", "CloseLease", "ReportOutage", "ReportRecovery",
			"ReportLiveness", "HandOver", "ContestHandOver", "AnswerContest", "RevealResult", "ShowDifference",
		}, "assayd tx market "},
	} {
		methods := []string{}
		for _, command := range c.service.RpcCommandOptions {
			methods = append(methods, command.RpcMethod)
			if command.Skip {
				require.Equal(t, "Explain", command.RpcMethod, "has a command of its own")
				continue
			}
			name := strings.Fields(command.Use)[0]
			require.NotEmpty(t, command.Short, name)
			require.NotEmpty(t, command.Long, name)
			require.True(t, strings.HasPrefix(command.Example, c.prefix+name), "%s: %s", name, command.Example)
		}
		require.ElementsMatch(t, c.want, methods)
	}
}

func TestGenesisJSON(t *testing.T) {
	registry := codectypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	module := market.NewAppModule(cdc, nil)
	require.NoError(t, module.ValidateGenesis(cdc, nil, module.DefaultGenesis(cdc)))
	require.Error(t, module.ValidateGenesis(cdc, nil, []byte(`{"params":{}}`)))
	require.Error(t, module.ValidateGenesis(cdc, nil, []byte(`{`)))
	require.Equal(t, "market", module.Name())
}

const explained = `job 7, attempt 2: decided at height 40
tier fast, home cell 9, at most 5000uassay, at least 1000uassay
6 devices looked at, 2 fit, 3 busy, 1 too dear
`

// The table of a decision has a line for each candidate, with its terms in points and what they were made from.
func TestExplainTable(t *testing.T) {
	answer := &types.QueryExplainResponse{
		Id: 7, Decided: true, MaxPrice: sdk.NewInt64Coin("uassay", 5_000), Weights: types.WeightsOf(types.JOB_TIER_FAST),
		Decision: types.Decision{
			Attempt: 2, Height: 40, Tier: types.JOB_TIER_FAST, Home: 9, Floor: math.NewInt(1_000), Visited: 6, Eligible: 2,
			Refused: []types.RefusedCount{{Refusal: "busy", Devices: 3}, {Refusal: "too dear", Devices: 1}},
			Candidates: []types.Candidate{
				{Device: []byte{0xab, 0xcd}, Operator: "anna", Cell: 9, RoundTripMicros: 900, RunMillis: 2_100, Trials: 3, TrustBps: 9_905, Lanes: 4,
					InUse: 1, Price: math.NewInt(2_000), Score: types.Score{Total: 12 << 16, Price: 17 << 16, Untried: -5<<16 - 1<<15}},
				{Device: []byte{0x12}, Operator: "bert", RunMillis: 1, Price: math.ZeroInt(), Heat: 2, Refusal: "short of bond"},
			},
		},
	}
	var out bytes.Buffer
	require.NoError(t, cli.Table(&out, answer))
	require.Equal(t, explained, strings.SplitAfterN(out.String(), "\n\n", 2)[0][:len(explained)])
	for _, line := range [][]string{
		{"weight", "40", "15", "15", "17", "5", "8", "40"},
		{"abcd", "won", "12.00", "0.00", "0.00", "0.00", "17.00", "0.00", "0.00", "-5.50"},
		{"12", "short", "of", "bond", "-", "-", "-", "-", "-", "-", "-", "-"},
		{"abcd", "anna", "cell", "9", "900", "µs", "2100", "ms", "3", "1", "of", "4", "99.05%", "2000", "-", "normal"},
		{"12", "bert", "-", "-", "1", "ms", "0", "0", "of", "0", "0.00%", "0", "-", "hot"},
	} {
		require.True(t, slices.ContainsFunc(strings.Split(out.String(), "\n"), func(text string) bool {
			return slices.Equal(strings.Fields(text), line)
		}), "%v in\n%s", line, out.String())
	}
	answer.Decided = false
	out.Reset()
	require.NoError(t, cli.Table(&out, answer))
	require.Contains(t, out.String(), "would win")
	require.Contains(t, out.String(), "as it would be decided now")
}

// Of several operators there is a table for each, with what was passed over and its terms; while the job is open all candidates come first.
func TestExplainTableOfSeveralOperators(t *testing.T) {
	seat := func(operator string, cell uint32, over ...types.Candidate) types.Decision {
		fits := types.Candidate{Device: []byte{byte(cell)}, Operator: operator, Cell: cell, Price: math.NewInt(2_000), Score: types.Score{Total: 3 << 16}}
		return types.Decision{Attempt: 1, Height: 40, Floor: math.NewInt(1_000), Visited: 6, Eligible: 1, Candidates: append([]types.Candidate{fits}, over...)}
	}
	better := types.Candidate{Device: []byte{0x77}, Operator: "cora", Cell: 9, Price: math.NewInt(1_500), Score: types.Score{Total: 2 << 16, Price: 1 << 16}, Refusal: "cell taken"}
	answer := &types.QueryExplainResponse{
		Id: 7, Decided: true, MaxPrice: sdk.NewInt64Coin("uassay", 5_000), Weights: types.WeightsOf(types.JOB_TIER_STANDARD),
		Replicas: []types.Decision{seat("anna", 9), seat("bert", 10, better)},
	}
	answer.Decision = answer.Replicas[0]
	var out bytes.Buffer
	require.NoError(t, cli.Table(&out, answer))
	decided := out.String()
	require.Contains(t, decided, "operator 1: anna in cell 9, at height 40\n6 devices looked at, 1 fit\n")
	require.Contains(t, decided, "operator 2: bert in cell 10, at height 40\n")
	require.Equal(t, 2, strings.Count(decided, " won "))
	require.Equal(t, 1, strings.Count(decided, "cell taken"))
	require.True(t, slices.ContainsFunc(strings.Split(decided, "\n"), func(text string) bool {
		return slices.Equal(strings.Fields(text), []string{"77", "cell", "taken", "2.00", "0.00", "0.00", "0.00", "1.00", "0.00", "0.00", "0.00"})
	}), decided)
	answer.Decided = false
	out.Reset()
	require.NoError(t, cli.Table(&out, answer))
	require.Equal(t, 2, strings.Count(out.String(), "would win"))
	require.Equal(t, 3, strings.Count(out.String(), "VERDICT"), "all candidates, and each operator's")
	require.Contains(t, out.String(), "operator 2: bert in cell 10\n")
}
