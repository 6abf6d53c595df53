package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/offchain-worker/chain"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/program"
)

// queryTimeout bounds one question to the node.
const queryTimeout = 15 * time.Second

// Market asks a node what a customer wants to know.
type Market struct {
	*chain.Client
	conn client.Context
}

// NewMarket makes a market over the client context of a command.
func NewMarket(conn client.Context) (*Market, error) {
	node, err := conn.GetNode()
	if err != nil {
		return nil, err
	}
	encoding := chain.Encoding{Registry: conn.InterfaceRegistry, Codec: conn.Codec, TxConfig: conn.TxConfig}
	base, err := chain.NewClient(node, encoding, queryTimeout)
	if err != nil {
		return nil, err
	}
	return &Market{Client: base, conn: conn}, nil
}

// ask runs one query under a timeout.
func ask[T any](ctx context.Context, m *Market, what string, query func(context.Context, markettypes.QueryClient) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, err := query(ctx, markettypes.NewQueryClient(m.conn.WithCmdContext(ctx)))
	if err != nil {
		return answer, fmt.Errorf("%s: %w", what, err)
	}
	return answer, nil
}

// ErrNoDevice is wrapped when no available device would take a program now.
var ErrNoDevice = errors.New("no device would take the job now")

// Quote is the cheapest price at which an available device would take a program now, under such terms.
func (m *Market) Quote(ctx context.Context, p program.Program, t Terms) (*markettypes.QueryQuoteResponse, error) {
	quote, err := ask(ctx, m, "ask for a price", func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryQuoteResponse, error) {
		request := &markettypes.QueryQuoteRequest{
			Program: p, Requirements: t.Requirements, Samples: t.Samples, Assurance: t.Assurance, Replicas: t.Replicas,
		}
		if t.Audit != nil {
			request.AuditBps = t.Audit.Bps
		}
		return q.Quote(ctx, request)
	})
	return quote, known(err, markettypes.ErrUnplaceable, ErrNoDevice)
}

// Job is one job, or chain.ErrNotFound.
func (m *Market) Job(ctx context.Context, id uint64) (chain.JobView, error) {
	view, err := m.Client.Job(ctx, id)
	return view, known(err, markettypes.ErrNotFound, chain.ErrNotFound)
}

// known marks an error that is the chain's: over the wire only its words are left of it.
func known(err, chains, ours error) error {
	if err == nil || errors.Is(err, ours) || !strings.Contains(err.Error(), chains.Error()) {
		return err
	}
	return fmt.Errorf("%w: %w", ours, err)
}

// Delivery is the sealed result of a claimed job.
func (m *Market) Delivery(ctx context.Context, id uint64) ([]byte, error) {
	answer, err := ask(ctx, m, "sealed result", func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryDeliveryResponse, error) {
		return q.Delivery(ctx, &markettypes.QueryDeliveryRequest{Id: id})
	})
	if err != nil {
		return nil, err
	}
	return answer.Sealed, nil
}

// Jobs is a page of jobs, of one customer if it is not empty.
func (m *Market) Jobs(ctx context.Context, customer string, active bool, page *query.PageRequest) (*markettypes.QueryJobsResponse, error) {
	return ask(ctx, m, "list jobs", func(ctx context.Context, q markettypes.QueryClient) (*markettypes.QueryJobsResponse, error) {
		return q.Jobs(ctx, &markettypes.QueryJobsRequest{Customer: customer, Active: active, Pagination: page})
	})
}

// DisputeTerms are what a dispute of a job would cost now, and what stands in its way.
func (m *Market) DisputeTerms(ctx context.Context, id uint64) (markettypes.QueryDisputeTermsResponse, error) {
	terms, err := m.Client.DisputeTerms(ctx, id)
	return terms, known(err, markettypes.ErrNotFound, chain.ErrNotFound)
}

// Endpoint is the URL of a worker.
func (m *Market) Endpoint(ctx context.Context, worker string) (string, error) {
	address, err := sdk.AccAddressFromBech32(worker)
	if err != nil {
		return "", fmt.Errorf("worker %q: %w", worker, err)
	}
	operator, err := m.Operator(ctx, address)
	return operator.Endpoint, err
}
