package chain

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/authz"

	markettypes "github.com/assaychain/assay/x/market/types"
)

// Relays are the claims of a job that relays answer; an empty record when there are none.
func (c *Client) Relays(ctx context.Context, id uint64) (record markettypes.RelayRecord, err error) {
	err = c.ask(ctx, "relays", func(ctx context.Context, conn client.Context) error {
		response, err := markettypes.NewQueryClient(conn).Relays(ctx, &markettypes.QueryRelaysRequest{Id: id})
		if err != nil {
			return err
		}
		record = response.Record
		return nil
	})
	return record, err
}

// MayHandOver tells whether an operator has granted a key to hand over results in its name.
func (c *Client) MayHandOver(ctx context.Context, operator, hotKey sdk.AccAddress) (granted bool, err error) {
	err = c.ask(ctx, "grants", func(ctx context.Context, conn client.Context) error {
		response, err := authz.NewQueryClient(conn).Grants(ctx, &authz.QueryGrantsRequest{
			Granter: operator.String(), Grantee: hotKey.String(), MsgTypeUrl: sdk.MsgTypeURL(&markettypes.MsgHandOver{}),
		})
		if isNotFound(err) {
			return nil
		}
		granted = err == nil && len(response.Grants) > 0
		return err
	})
	return granted, err
}

// SignBytes signs with the key, and returns its public key, which must be secp256k1.
func (s *Signer) SignBytes(message []byte) (signature, publicKey []byte, err error) {
	signature, key, err := s.config.Keyring.Sign(s.config.KeyName, message, signing.SignMode_SIGN_MODE_DIRECT)
	if err != nil {
		return nil, nil, fmt.Errorf("key %q: %w", s.config.KeyName, err)
	}
	own, ok := key.(*secp256k1.PubKey)
	if !ok {
		return nil, nil, fmt.Errorf("key %q is %s: it must be secp256k1", s.config.KeyName, key.Type())
	}
	return signature, own.Key, nil
}
