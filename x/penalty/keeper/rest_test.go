package keeper_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/assaychain/assay/x/internal/banktest"
	"github.com/assaychain/assay/x/penalty/types"
)

// TestRoutesAnswer asks every REST route.
func TestRoutesAnswer(t *testing.T) {
	f := busy(t)
	helper := baseapp.NewQueryServerTestHelper(f.Ctx, f.Registry)
	types.RegisterQueryServer(helper, f.query)
	marshaler := &gateway.JSONPb{OrigName: true, EmitDefaults: true, AnyResolver: f.Registry}
	mux := gwruntime.NewServeMux(gwruntime.WithMarshalerOption(gwruntime.MIMEWildcard, marshaler))
	require.NoError(t, types.RegisterQueryHandlerClient(f.Ctx, mux, types.NewQueryClient(helper)))
	a := banktest.Address("a").String()
	for path, want := range map[string]string{
		"/assay/penalty/v1/params":                `OFFENCE_WRONG_RESULT`,
		"/assay/penalty/v1/jails/" + a:            `"jailed":true`,
		"/assay/penalty/v1/jails":                 `"until":`,
		"/assay/penalty/v1/records?operator=" + a: `"subject":"job/7/1"`,
		"/assay/penalty/v1/records/4":             `"id":"4"`,
		"/assay/penalty/v1/holds":                 `RECORD_STATUS_HELD`,
		"/assay/penalty/v1/appeals":               `"reason":"it was not me"`,
		"/assay/penalty/v1/conduct/" + a:          `"count":`,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, response.Code, "%s: %s", path, response.Body)
		require.Contains(t, response.Body.String(), want, path)
	}
}
