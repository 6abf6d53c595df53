package chain

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	cmttypes "github.com/cometbft/cometbft/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/client"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
)

var (
	_ Accounts  = (*Client)(nil)
	_ Transport = (*Client)(nil)
)

// Simulate returns the gas that a transaction uses, or a *Refusal.
func (c *Client) Simulate(ctx context.Context, tx []byte) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	conn := c.base.WithCmdContext(ctx)
	response, err := txtypes.NewServiceClient(conn).Simulate(ctx, &txtypes.SimulateRequest{TxBytes: tx})
	if err != nil {
		return 0, refusalOf(err)
	}
	return response.GasInfo.GasUsed, nil
}

// refusalOf tells an answer of the application, which has a status, from a failure on the way to it.
func refusalOf(err error) error {
	answer, ok := status.FromError(err)
	if !ok || answer.Code() == codes.Unavailable || answer.Code() == codes.DeadlineExceeded || answer.Code() == codes.Canceled {
		return err
	}
	return &Refusal{Codespace: "simulation", Code: uint32(answer.Code()), Log: answer.Message()}
}

// Broadcast hands a transaction to the mempool.
func (c *Client) Broadcast(ctx context.Context, tx []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	result, err := c.node.BroadcastTxSync(ctx, tx)
	if known := client.CheckCometError(err, cmttypes.Tx(tx)); known != nil {
		return &Refusal{Codespace: known.Codespace, Code: known.Code, Log: err.Error()}
	}
	if err != nil {
		return err
	}
	if result.Code != 0 {
		return &Refusal{Codespace: result.Codespace, Code: result.Code, Log: result.Log}
	}
	return nil
}

// Find looks a transaction up in the blocks. The node must index transactions, as it does by default.
func (c *Client) Find(ctx context.Context, hash string) (Outcome, bool, error) {
	raw, err := hex.DecodeString(hash)
	if err != nil {
		return Outcome{}, false, fmt.Errorf("transaction hash %q: %w", hash, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	result, err := c.node.Tx(ctx, raw, false)
	if err != nil {
		// The RPC has no code for an unknown transaction, only these words.
		if text := err.Error(); strings.Contains(text, "not found") || strings.Contains(text, "indexing is disabled") {
			return Outcome{}, false, nil
		}
		return Outcome{}, false, err
	}
	return Outcome{State: TxLanded, Height: result.Height, Code: result.TxResult.Code, Log: result.TxResult.Log}, true, nil
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
