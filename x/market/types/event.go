package types

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ABCI is what sdk.TypedEventToEvent makes of the event, a tenth of the time: a block may assign thousands of jobs, and going through JSON by
// reflection would cost each a fifth of what its assignment does. The worker and the denomination must be what they are on the chain, an address
// and a valid denomination, which JSON does not escape.
func (e *EventJobAssigned) ABCI() sdk.Event {
	return sdk.Event{Type: "assay.market.v1.EventJobAssigned", Attributes: []abci.EventAttribute{
		{Key: "attempt", Value: strconv.FormatUint(uint64(e.Attempt), 10)},
		{Key: "commit_by", Value: quoted(timestamp(e.CommitBy))},
		{Key: "device", Value: quoted(base64.StdEncoding.EncodeToString(e.Device))},
		{Key: "job_id", Value: quoted(strconv.FormatUint(e.JobId, 10))},
		{Key: "price", Value: `{"denom":` + quoted(e.Price.Denom) + `,"amount":` + quoted(e.Price.Amount.String()) + `}`},
		{Key: "worker", Value: quoted(e.Worker)},
	}}
}

func quoted(s string) string { return `"` + s + `"` }

// timestamp is a moment as Protobuf's JSON has it: RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second.
func timestamp(t time.Time) string {
	s := t.UTC().Format("2006-01-02T15:04:05.000000000")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "000"), "000")
	return strings.TrimSuffix(s, ".000") + "Z"
}
