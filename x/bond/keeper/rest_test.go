package keeper_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/assaychain/assay/x/bond/types"
	"github.com/assaychain/assay/x/internal/banktest"
)

// TestRoutesAnswer asks every REST route.
func TestRoutesAnswer(t *testing.T) {
	f := busy(t)
	helper := baseapp.NewQueryServerTestHelper(f.Ctx, f.Registry)
	types.RegisterQueryServer(helper, f.query)
	marshaler := &gateway.JSONPb{OrigName: true, EmitDefaults: true, AnyResolver: f.Registry}
	mux := gwruntime.NewServeMux(gwruntime.WithMarshalerOption(gwruntime.MIMEWildcard, marshaler))
	require.NoError(t, types.RegisterQueryHandlerClient(f.Ctx, mux, types.NewQueryClient(helper)))
	a, backer := banktest.Address("a").String(), banktest.Address("backer a").String()
	for path, want := range map[string]string{
		"/assay/bond/v1/params":                       `"uassay"`,
		"/assay/bond/v1/stakes/" + a:                  `"exposure":"7000000"`,
		"/assay/bond/v1/stakes?pagination.limit=1":    `"next_key":"`,
		"/assay/bond/v1/unbonding/" + a:               `"waiting":true`,
		"/assay/bond/v1/unbonding/" + backer:          `"waiting":false`,
		"/assay/bond/v1/pools/" + a:                   `"commission_bps":1000`,
		"/assay/bond/v1/backings/" + a:                `"amount":"2800000"`,
		"/assay/bond/v1/backers/" + a:                 `"backer":"` + a,
		"/assay/bond/v1/rewards/" + a + "/" + a:       `"commission":"100000"`,
		"/assay/bond/v1/commissions/" + a:             `"due":"100000"`,
		"/assay/bond/v1/points/" + a + "?from=1&to=2": `"points":["0","0"]`,
		"/assay/bond/v1/ledger?pagination.limit=1":    `"number":"1"`,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, response.Code, "%s: %s", path, response.Body)
		require.Contains(t, response.Body.String(), want, path)
	}
}
