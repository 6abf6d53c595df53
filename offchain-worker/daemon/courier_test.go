package daemon

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/relay"
	"github.com/assaychain/assay/x/market/relays"
	markettypes "github.com/assaychain/assay/x/market/types"
)

type hotKey struct{ *secp256k1.PrivKey }

func (k hotKey) SignBytes(message []byte) (signature, key []byte, err error) {
	signature, err = k.Sign(message)
	return signature, k.PubKey().Bytes(), err
}

// TestShortReceiptsAreNotUsed: one of three relays signs rightly a receipt that the chain would refuse the hand-over for; the two others
// suffice.
func TestShortReceiptsAreNotUsed(t *testing.T) {
	const chainID = "assay-test-1"
	params := markettypes.DefaultParams()
	window := time.Duration(params.RelayWindowSeconds) * time.Second
	c := courier{
		client: relay.NewClient(chainID, true, time.Minute), hand: hotKey{secp256k1.GenPrivKey()},
		params: func(context.Context) (markettypes.Params, error) { return params, nil },
	}
	box := []byte("box")
	parcel := relay.Parcel{Job: 7, Draw: 1, Root: [32]byte{1}}
	var receipts []markettypes.RelayReceipt
	for i, served := range []time.Duration{window + 10*time.Minute, window + time.Minute, window + receiptMargin + 30*time.Second} {
		operator := sdk.AccAddress(bytes.Repeat([]byte{byte(i + 1)}, 20))
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(i)}, ed25519.SeedSize))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			signed := relays.Receipt{
				ChainID: chainID, Job: 7, Attempt: 1, Draw: 1, Relay: operator, BoxRoot: parcel.Root, Bytes: uint64(len(box)),
				Expires: time.Now().Add(served).Unix(),
			}
			answer := relay.Receipt{Expires: signed.Expires, Signature: hex.EncodeToString(ed25519.Sign(key, signed.SignBytes()))}
			_ = json.NewEncoder(w).Encode(answer)
		}))
		t.Cleanup(server.Close)
		drawn := markettypes.DrawnRelay{Operator: operator.String(), RelayUrl: server.URL, RelayKey: key.Public().(ed25519.PublicKey)}
		receipt, err := c.Upload(t.Context(), relay.Shipment{Relay: drawn, Parcel: parcel, Attempt: 1, Sealed: box})
		if i == 1 {
			require.ErrorIs(t, err, relay.ErrRefused)
			require.ErrorContains(t, err, "its receipt expires at")
			continue
		}
		require.NoError(t, err)
		receipts = append(receipts, receipt)
	}
	require.Len(t, receipts, 2)
}
