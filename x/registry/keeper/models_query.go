package keeper

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assaychain/assay/x/registry/types"
)

// maxQueriedName is how long a model's name may be in a query, in bytes: more than drivers report.
const maxQueriedName = 256

// GpuModel returns one model of the catalogue.
func (s queryServer) GpuModel(ctx context.Context, req *types.QueryGpuModelRequest) (*types.QueryGpuModelResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	if len(req.Model) < 1 || len(req.Model) > maxQueriedName {
		return nil, status.Errorf(codes.InvalidArgument, "model has %d bytes: it must have from 1 to %d", len(req.Model), maxQueriedName)
	}
	model, err := s.keeper.GpuModel(ctx, req.Model)
	if err != nil {
		return nil, err
	}
	verdict := model.Model().Classify(0)
	return &types.QueryGpuModelResponse{
		Model: model, EdgeScore: verdict.Score, Quantisation: types.Quantisation(verdict.Quantisation),
	}, nil
}

// GpuModels lists the catalogue by key, all or the models of a class.
func (s queryServer) GpuModels(ctx context.Context, req *types.QueryGpuModelsRequest) (*types.QueryGpuModelsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	if req.Class < 0 || req.Class > types.DEVICE_CLASS_DATACENTRE {
		return nil, status.Errorf(codes.InvalidArgument, "class is %d: it must be from %d to %d, or 0 for all",
			req.Class, types.DEVICE_CLASS_CPU, types.DEVICE_CLASS_DATACENTRE)
	}
	models, page, err := query.CollectionFilteredPaginate(ctx, s.keeper.models, req.Pagination,
		func(_ string, model types.GpuModel) (bool, error) {
			return req.Class == 0 || model.Class == req.Class, nil
		},
		func(_ string, model types.GpuModel) (types.GpuModel, error) { return model, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryGpuModelsResponse{Models: models, Pagination: page}, nil
}
