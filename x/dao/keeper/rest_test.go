package keeper_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	gateway "github.com/cosmos/gogogateway"
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/assaychain/assay/x/dao/types"
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
	whale, a := banktest.Address("whale").String(), banktest.Address("a").String()
	for path, want := range map[string]string{
		"/assay/dao/v1/params":                `"time_lock":"20s"`,
		"/assay/dao/v1/treasury":              `"denom":"uassay"`,
		"/assay/dao/v1/grants/1":              `"claimable":`,
		"/assay/dao/v1/grants":                `"milestones":[{"title":"part 0"`,
		"/assay/dao/v1/grants?recipient=" + a: `"purpose":"work"`,
		"/assay/dao/v1/changes/1":             `RESULT_EXECUTED`,
		"/assay/dao/v1/changes":               `/assay.bond.v1.MsgUpdateParams`,
		"/assay/dao/v1/outcomes":              `RESULT_EXECUTED`,
		"/assay/dao/v1/guardrails":            `"field":"emergency_quorum_bps"`,
		"/assay/dao/v1/voting_power/" + whale: `"own":"1000000000000.000000000000000000"`,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, response.Code, "%s: %s", path, response.Body)
		require.Contains(t, response.Body.String(), want, path)
	}
	for path, code := range map[string]int{
		"/assay/dao/v1/grants/99": http.StatusNotFound, "/assay/dao/v1/changes/99": http.StatusNotFound,
		"/assay/dao/v1/treasury?denom=!": http.StatusBadRequest, "/assay/dao/v1/guardrails?type_url=x": http.StatusBadRequest,
		"/assay/dao/v1/voting_power/x": http.StatusBadRequest, "/assay/dao/v1/grants?recipient=x": http.StatusBadRequest,
	} {
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, code, response.Code, "%s: %s", path, response.Body)
	}
}
