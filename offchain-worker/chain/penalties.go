package chain

import (
	"context"
	"fmt"
	"strings"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/types/query"

	penaltytypes "github.com/assaychain/assay/x/penalty/types"
)

// JobPunishments are an operator's for what it did in a job, oldest first, with the parameters by which they are split.
func (c *Client) JobPunishments(ctx context.Context, operator string, job uint64) (records []penaltytypes.Record, params penaltytypes.Params, err error) {
	about := fmt.Sprintf("job/%d/", job)
	err = c.ask(ctx, "punishments of "+operator, func(ctx context.Context, conn client.Context) error {
		penalties := penaltytypes.NewQueryClient(conn)
		response, err := penalties.Params(ctx, &penaltytypes.QueryParamsRequest{})
		if err != nil {
			return err
		}
		params = response.Params
		return pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			response, err := penalties.Records(ctx, &penaltytypes.QueryRecordsRequest{Operator: operator, Pagination: page})
			if err != nil {
				return nil, err
			}
			for _, record := range response.Records {
				if strings.HasPrefix(record.Subject, about) {
					records = append(records, record)
				}
			}
			return response.Pagination, nil
		})
	})
	return records, params, err
}
