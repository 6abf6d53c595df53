package keeper

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/assaychain/assay/x/accounts"
	"github.com/assaychain/assay/x/dao/types"
)

// queryServer answers the module's queries.
type queryServer struct {
	keeper *Keeper
}

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the module's query service.
func NewQueryServer(k *Keeper) types.QueryServer {
	return queryServer{keeper: k}
}

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Treasury returns the treasury's book of one denomination.
func (s queryServer) Treasury(ctx context.Context, req *types.QueryTreasuryRequest) (*types.QueryTreasuryResponse, error) {
	denom := req.GetDenom()
	if denom == "" {
		var err error
		if denom, err = s.keeper.ports.Staking.BondDenom(ctx); err != nil {
			return nil, err
		}
	}
	if err := sdk.ValidateDenom(denom); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "denom: %v", err)
	}
	b, err := s.keeper.book(ctx, denom)
	if err != nil {
		return nil, err
	}
	return &types.QueryTreasuryResponse{
		Address: s.keeper.account.String(), Balance: sdk.Coin{Denom: denom, Amount: b.balance},
		Reserved: sdk.Coin{Denom: denom, Amount: b.reserved}, Available: sdk.Coin{Denom: denom, Amount: b.available()},
	}, nil
}

// Grant returns a grant and what may be claimed now.
func (s queryServer) Grant(ctx context.Context, req *types.QueryGrantRequest) (*types.QueryGrantResponse, error) {
	g, err := s.keeper.Grant(ctx, req.GetGrantId())
	if errors.Is(err, types.ErrNoGrant) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryGrantResponse{Grant: g, Claimable: g.Coin(g.Claimable(sdk.UnwrapSDKContext(ctx).BlockTime()))}, nil
}

// Grants lists the running grants, all or one recipient's.
func (s queryServer) Grants(ctx context.Context, req *types.QueryGrantsRequest) (*types.QueryGrantsResponse, error) {
	if req.GetRecipient() != "" {
		return s.grantsOf(ctx, req)
	}
	grants, page, err := query.CollectionPaginate(ctx, s.keeper.grants, req.GetPagination(),
		func(_ uint64, g types.Grant) (types.Grant, error) { return g, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryGrantsResponse{Grants: grants, Pagination: page}, nil
}

// grantsOf lists one recipient's grants.
func (s queryServer) grantsOf(ctx context.Context, req *types.QueryGrantsRequest) (*types.QueryGrantsResponse, error) {
	recipient, err := address("recipient", req.Recipient)
	if err != nil {
		return nil, err
	}
	grants, page, err := query.CollectionPaginate(ctx, s.keeper.byRecipient, req.Pagination,
		func(key recipientKey, _ collections.NoValue) (types.Grant, error) {
			return s.keeper.grants.Get(ctx, key.K2())
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, uint64](recipient))
	if err != nil {
		return nil, err
	}
	return &types.QueryGrantsResponse{Grants: grants, Pagination: page}, nil
}

// Change returns a proposal that waits, or what became of it.
func (s queryServer) Change(ctx context.Context, req *types.QueryChangeRequest) (*types.QueryChangeResponse, error) {
	waiting, err := s.keeper.scheduled.Get(ctx, req.GetProposalId())
	if err == nil {
		return &types.QueryChangeResponse{Scheduled: &waiting}, nil
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	outcomes, err := values(ctx, s.keeper.outcomes)
	if err != nil {
		return nil, err
	}
	for _, outcome := range slices.Backward(outcomes) {
		if outcome.ProposalId == req.GetProposalId() {
			return &types.QueryChangeResponse{Outcome: &outcome}, nil
		}
	}
	return nil, status.Errorf(codes.NotFound, "proposal %d neither waits nor is it among the last %d that did", req.GetProposalId(), types.MaxOutcomes)
}

// Changes lists the proposals that wait, the next one first.
func (s queryServer) Changes(ctx context.Context, req *types.QueryChangesRequest) (*types.QueryChangesResponse, error) {
	changes, page, err := query.CollectionPaginate(ctx, s.keeper.queue, req.GetPagination(),
		func(place queueKey, _ collections.NoValue) (types.Scheduled, error) {
			return s.keeper.scheduled.Get(ctx, place.K2())
		})
	if err != nil {
		return nil, err
	}
	return &types.QueryChangesResponse{Changes: changes, Pagination: page}, nil
}

// Outcomes lists what became of the last proposals that waited, oldest first.
func (s queryServer) Outcomes(ctx context.Context, req *types.QueryOutcomesRequest) (*types.QueryOutcomesResponse, error) {
	outcomes, page, err := query.CollectionPaginate(ctx, s.keeper.outcomes, req.GetPagination(),
		func(_ uint64, outcome types.Outcome) (types.Outcome, error) { return outcome, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryOutcomesResponse{Outcomes: outcomes, Pagination: page}, nil
}

// Guardrails lists the limits on parameters with their present values.
func (s queryServer) Guardrails(ctx context.Context, req *types.QueryGuardrailsRequest) (*types.QueryGuardrailsResponse, error) {
	lines, err := s.keeper.Guardrails(sdk.UnwrapSDKContext(ctx), req.GetTypeUrl())
	if errors.Is(err, types.ErrProposal) {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryGuardrailsResponse{Guardrails: lines}, nil
}

// VotingPower tells what an address votes with.
func (s queryServer) VotingPower(ctx context.Context, req *types.QueryVotingPowerRequest) (*types.QueryVotingPowerResponse, error) {
	owner, err := address("address", req.GetAddress())
	if err != nil {
		return nil, err
	}
	return s.keeper.VotingPower(ctx, owner)
}

// address parses an address of a request.
func address(name, text string) (sdk.AccAddress, error) {
	parsed, err := accounts.Decode(text)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "%s %q: %v", name, text, err)
	}
	return parsed, nil
}
