package market_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/assaychain/assay/x/market"
	"github.com/assaychain/assay/x/market/types"
)

// Every message and query has a command with a description and an example.
func TestEveryMethodHasACommand(t *testing.T) {
	options := market.AppModule{}.AutoCLIOptions()
	for _, c := range []struct {
		service *autocliv1.ServiceCommandDescriptor
		want    []string
		prefix  string
	}{
		{options.Query, []string{"Params", "Job", "Jobs", "Challenge", "Proofs", "Delivery", "Relays", "Replicas", "Clock", "Quote", "Disputes", "DisputeTerms", "Lease", "Leases", "Calendar", "LeaseQuote"}, "assayd query market "},
		{options.Tx, []string{
			"SubmitJob", "CancelJob", "CommitResult", "ReportUnavailable", "ProveResult", "ClaimUndelivered", "DeliverResult",
			"ContestDelivery", "DisputeResult", "AnswerDispute", "UpdateParams", "OpenLease", "ReserveLease", "ExtendLease", "CloseLease", "ReportOutage", "ReportRecovery",
			"ReportLiveness", "HandOver", "ContestHandOver", "AnswerContest", "RevealResult", "ShowDifference",
		}, "assayd tx market "},
	} {
		methods := []string{}
		for _, command := range c.service.RpcCommandOptions {
			methods = append(methods, command.RpcMethod)
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
