package chain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	bondtypes "github.com/assaychain/assay/x/bond/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

const (
	// pageSize is how many records one page of a list asks for.
	pageSize = 100
	// maxPages bounds how far a list is followed.
	maxPages = 100
)

// ErrNotFound is wrapped when the chain knows no such record.
var ErrNotFound = errors.New("not found on the chain")

// Client reads the chain's state from one node over CometBFT's RPC. It is safe for concurrent use.
type Client struct {
	base    client.Context
	node    client.CometRPC
	timeout time.Duration
}

// Dial makes a client of the node at address (tcp://host:port or http://host:port); it connects when first used. Each
// request may take timeout.
func Dial(address string, encoding Encoding, timeout time.Duration) (*Client, error) {
	node, err := rpchttp.NewWithTimeout(address, "/websocket", uint(max(1, timeout/time.Second)))
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", address, err)
	}
	return NewClient(node, encoding, timeout)
}

// NewClient makes a client over a connection to a node.
func NewClient(node client.CometRPC, encoding Encoding, timeout time.Duration) (*Client, error) {
	if node == nil || encoding.Codec == nil || timeout <= 0 {
		return nil, errors.New("chain client: node, encoding and a timeout above 0 are required")
	}
	base := client.Context{}.WithClient(node).WithCodec(encoding.Codec).
		WithInterfaceRegistry(encoding.Registry).WithTxConfig(encoding.TxConfig)
	return &Client{base: base, node: node, timeout: timeout}, nil
}

// ask runs one query under the client's timeout and turns the chain's "not found" into ErrNotFound.
func (c *Client) ask(ctx context.Context, what string, query func(context.Context, client.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	err := query(ctx, c.base.WithCmdContext(ctx))
	if err == nil {
		return nil
	}
	if saysNotFound(err) {
		return fmt.Errorf("%s: %w: %w", what, ErrNotFound, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// saysNotFound tells the application's answer that a record is not there. A failure on the way to the application, which
// has no status, is never taken for it: a worker that believed it would give a job up.
func saysNotFound(err error) bool {
	answer, ok := status.FromError(err)
	if !ok {
		return false
	}
	for _, known := range []error{markettypes.ErrNotFound, beacontypes.ErrNotFound, registrytypes.ErrOperatorNotFound} {
		if strings.Contains(answer.Message(), known.Error()) {
			return true
		}
	}
	return answer.Code() == codes.NotFound
}

// Status is what the node says of itself.
type Status struct {
	ChainID string
	Height  uint64
	// BlockTime is the time of the last block.
	BlockTime  time.Time
	CatchingUp bool
}

// Status asks the node for its state.
func (c *Client) Status(ctx context.Context) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	result, err := c.node.Status(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("node status: %w", err)
	}
	return Status{
		ChainID: result.NodeInfo.Network, Height: uint64(result.SyncInfo.LatestBlockHeight),
		BlockTime: result.SyncInfo.LatestBlockTime, CatchingUp: result.SyncInfo.CatchingUp,
	}, nil
}

// Height is that of the last block.
func (c *Client) Height(ctx context.Context) (uint64, error) {
	state, err := c.Status(ctx)
	return state.Height, err
}

// Account is the account's number and next sequence in the last block.
func (c *Client) Account(ctx context.Context, address sdk.AccAddress) (number, sequence uint64, err error) {
	err = c.ask(ctx, "account "+address.String(), func(ctx context.Context, conn client.Context) error {
		response, err := authtypes.NewQueryClient(conn).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: address.String()})
		if err != nil {
			return err
		}
		number, sequence = response.Info.AccountNumber, response.Info.Sequence
		return nil
	})
	return number, sequence, err
}

// Balance of an account in one denomination.
func (c *Client) Balance(ctx context.Context, address sdk.AccAddress, denom string) (balance math.Int, err error) {
	err = c.ask(ctx, "balance of "+address.String(), func(ctx context.Context, conn client.Context) error {
		response, err := banktypes.NewQueryClient(conn).Balance(ctx, banktypes.NewQueryBalanceRequest(address, denom))
		if err != nil {
			return err
		}
		balance = response.Balance.Amount
		return nil
	})
	return balance, err
}

// Operator is the registered operator with this address, or ErrNotFound.
func (c *Client) Operator(ctx context.Context, address sdk.AccAddress) (operator registrytypes.Operator, err error) {
	err = c.ask(ctx, "operator "+address.String(), func(ctx context.Context, conn client.Context) error {
		response, err := registrytypes.NewQueryClient(conn).Operator(ctx, &registrytypes.QueryOperatorRequest{Operator: address.String()})
		if err != nil {
			return err
		}
		operator = response.Operator
		return nil
	})
	return operator, err
}

// Devices are all devices of an operator.
func (c *Client) Devices(ctx context.Context, operator sdk.AccAddress) (devices []registrytypes.Device, err error) {
	err = c.ask(ctx, "devices of "+operator.String(), func(ctx context.Context, conn client.Context) error {
		return pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			request := &registrytypes.QueryDevicesRequest{Operator: operator.String(), Pagination: page}
			response, err := registrytypes.NewQueryClient(conn).Devices(ctx, request)
			if err != nil {
				return nil, err
			}
			devices = append(devices, response.Devices...)
			return response.Pagination, nil
		})
	})
	return devices, err
}

// Stake is what an operator has bonded; all zero if nothing.
func (c *Client) Stake(ctx context.Context, operator sdk.AccAddress) (stake bondtypes.Stake, err error) {
	err = c.ask(ctx, "stake of "+operator.String(), func(ctx context.Context, conn client.Context) error {
		response, err := bondtypes.NewQueryClient(conn).Stake(ctx, &bondtypes.QueryStakeRequest{Operator: operator.String()})
		if err != nil {
			return err
		}
		stake = response.Stake
		return nil
	})
	return stake, err
}

// RegistryParams are the rules for devices.
func (c *Client) RegistryParams(ctx context.Context) (params registrytypes.Params, err error) {
	err = c.ask(ctx, "registry parameters", func(ctx context.Context, conn client.Context) error {
		response, err := registrytypes.NewQueryClient(conn).Params(ctx, &registrytypes.QueryParamsRequest{})
		if err != nil {
			return err
		}
		params = response.Params
		return nil
	})
	return params, err
}

// Circuits are the circuits that the chain verifies, with their keys.
func (c *Client) Circuits(ctx context.Context) (circuits []proofstypes.Circuit, err error) {
	err = c.ask(ctx, "circuits", func(ctx context.Context, conn client.Context) error {
		return pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			response, err := proofstypes.NewQueryClient(conn).Circuits(ctx, &proofstypes.QueryCircuitsRequest{Pagination: page})
			if err != nil {
				return nil, err
			}
			circuits = append(circuits, response.Circuits...)
			return response.Pagination, nil
		})
	})
	return circuits, err
}

// BeaconParams describe the beacon that seeds challenges.
func (c *Client) BeaconParams(ctx context.Context) (params beacontypes.Params, err error) {
	err = c.ask(ctx, "beacon parameters", func(ctx context.Context, conn client.Context) error {
		response, err := beacontypes.NewQueryClient(conn).Params(ctx, &beacontypes.QueryParamsRequest{})
		if err != nil {
			return err
		}
		params = response.Params
		return nil
	})
	return params, err
}

// pages follows a list to its end.
func pages(next func(*query.PageRequest) (*query.PageResponse, error)) error {
	request := &query.PageRequest{Limit: pageSize}
	for range maxPages {
		response, err := next(request)
		if err != nil {
			return err
		}
		if response == nil || len(response.NextKey) == 0 {
			return nil
		}
		request = &query.PageRequest{Key: response.NextKey, Limit: pageSize}
	}
	return fmt.Errorf("list has more than %d pages of %d", maxPages, pageSize)
}
