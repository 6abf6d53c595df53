package blob

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPingMeasuresAndAsksNothing(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	took, err := Ping(context.Background(), server.URL, true)
	require.NoError(t, err)
	require.Positive(t, took)
	require.Less(t, took, 5*time.Second)
	_, err = Ping(context.Background(), server.URL, false)
	require.ErrorIs(t, err, ErrForbidden)
	server.Close()
	_, err = Ping(context.Background(), server.URL, true)
	require.Error(t, err)
	require.False(t, asked)
	for _, bad := range []string{"", "file:///x", "http://user@127.0.0.1:1", "http://127.0.0.1:99999", "http://169.254.169.254/"} {
		_, err := Ping(context.Background(), bad, bad == "")
		require.Error(t, err, bad)
	}
}
