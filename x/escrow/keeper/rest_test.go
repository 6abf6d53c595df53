package keeper_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/assaychain/assay/x/escrow/types"
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
	a, worker := banktest.Address("a").String(), banktest.Address("worker").String()
	for path, want := range map[string]string{
		"/assay/escrow/v1/params":                        `"uother"`,
		"/assay/escrow/v1/accounts/market/1":             `"locked":"50000"`,
		"/assay/escrow/v1/accounts/market/5":             `"flowing":true`,
		"/assay/escrow/v1/payees/" + worker + "/streams": `"due":{`,
		"/assay/escrow/v1/accounts?pagination.limit=1":   `"next_key":"`,
		"/assay/escrow/v1/accounts?depositor=" + a:       `"scope":"leases"`,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, response.Code, "%s: %s", path, response.Body)
		require.Contains(t, response.Body.String(), want, path)
	}
}
