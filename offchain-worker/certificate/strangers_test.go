package certificate_test

import (
	"bytes"
	"testing"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/x/beacon/drand"
	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

// strangers are validators that signed nothing.
func strangers(t *testing.T, n int) *cmttypes.ValidatorSet {
	t.Helper()
	validators := make([]*cmttypes.Validator, n)
	for i := range validators {
		validators[i] = cmttypes.NewValidator(ed25519.GenPrivKeyFromSecret([]byte{byte(i), 99}).PubKey(), 10)
	}
	return cmttypes.NewValidatorSet(validators)
}

// otherBeacon is the key of another beacon.
func otherBeacon(t *testing.T) []byte {
	t.Helper()
	key, err := devkey.FromSeed(bytes.Repeat([]byte{6}, devkey.SeedSize))
	require.NoError(t, err)
	require.Len(t, key.PublicKey(), drand.PublicKeySize)
	return key.PublicKey()
}
