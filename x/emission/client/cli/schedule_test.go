package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/math"

	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"

	"github.com/assaychain/assay/x/emission/keeper"
	"github.com/assaychain/assay/x/emission/schedule"
	"github.com/assaychain/assay/x/emission/types"
)

// node answers as a chain with the default parameters does.
type node struct {
	grpc.ClientConnInterface
	epoch    time.Duration
	requests int
}

func (n *node) Invoke(_ context.Context, _ string, args, reply any, _ ...grpc.CallOption) error {
	switch answer := reply.(type) {
	case *types.QueryParamsResponse:
		answer.Params = types.DefaultParams()
	case *epochstypes.QueryEpochInfosResponse:
		answer.Epochs = []epochstypes.EpochInfo{{Identifier: "hour", Duration: time.Hour}, {Identifier: "day", Duration: n.epoch}}
	case *types.QueryScheduleResponse:
		n.requests++
		request := args.(*types.QueryScheduleRequest)
		answer.Denom, answer.MintedEpochs = "uassay", 12
		for _, p := range types.DefaultSchedule().Plan().Points(request.From, request.To, request.Step) {
			answer.Points = append(answer.Points, types.SchedulePoint{Epoch: p.Epoch, Amount: p.Amount, Cumulative: p.Cumulative})
		}
	}
	return nil
}

func run(t *testing.T, n *node, o options) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := show(t.Context(), &out, n, o)
	return out.String(), err
}

const wanted = `Emission of each epoch, in ASSAY

675,000 |**
        | *
        | **
        |  **
337,500 |   **
        |    ***
        |      ******
      0 |           *****************************
        +----------------------------------------
         year 0     12 epochs minted      year 20
`

func TestTheCurve(t *testing.T) {
	out, err := run(t, &node{epoch: 24 * time.Hour}, options{years: 20, plot: true, ascii: true, width: 40, lines: 8})
	require.NoError(t, err)
	require.Equal(t, wanted, out)
}

func TestTheSumRisesToItsEnd(t *testing.T) {
	out, err := run(t, &node{epoch: 24 * time.Hour}, options{years: 20, plot: true, cumulative: true, width: 60, lines: 10})
	require.NoError(t, err)
	require.Contains(t, out, "Emission of all epochs up to it, in ASSAY")
	require.Contains(t, out, "496,")
	require.Contains(t, out, "12 epochs minted")
	require.Contains(t, out, "year 20")
}

func TestCSVHasEveryEpoch(t *testing.T) {
	n := &node{epoch: 24 * time.Hour}
	out, err := run(t, n, options{years: 20, csv: true})
	require.NoError(t, err)
	require.Equal(t, schedule.CSV(types.DefaultSchedule().Plan().Points(1, 7_305, 1)), out)
	require.Equal(t, 8, n.requests)
	out, err = run(t, n, options{years: 1, csv: true, step: 100})
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(out, "\n"), "a heading and epochs 1, 101, 201, 301")
}

func TestTheTableHasALineAYear(t *testing.T) {
	out, err := run(t, &node{epoch: 24 * time.Hour}, options{years: 3})
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(out, "\n"))
	require.Contains(t, out, "675,000,000,000")
	require.Contains(t, out, "amount (uassay)")

	out, err = run(t, &node{epoch: 24 * time.Hour}, options{years: 3, json: true})
	require.NoError(t, err)
	var answer struct {
		Points []struct{ Epoch, Amount string }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	require.Len(t, answer.Points, 3)
	require.Equal(t, "675000000000", answer.Points[0].Amount)
}

func TestBadRequests(t *testing.T) {
	for name, c := range map[string]struct {
		n    *node
		o    options
		want string
	}{
		"no years":     {&node{epoch: 24 * time.Hour}, options{}, "years is 0"},
		"many years":   {&node{epoch: 24 * time.Hour}, options{years: 101}, "from 1 to 100"},
		"years":        {&node{epoch: 24 * time.Hour}, options{years: 60}, "has 21915 epochs: the node tells at most 18263"},
		"short epochs": {&node{epoch: time.Minute}, options{years: 1}, "has 525960 epochs"},
		"no epoch":     {&node{}, options{years: 1}, `no epoch "day"`},
		"width":        {&node{epoch: 24 * time.Hour}, options{years: 1, plot: true, width: 5, lines: 8}, "width is 5"},
		"no width":     {&node{epoch: 24 * time.Hour}, options{years: 1, plot: true, lines: 8}, "width is 0"},
		"height":       {&node{epoch: 24 * time.Hour}, options{years: 1, plot: true, width: 40}, "height is 0"},
	} {
		_, err := run(t, c.n, c.o)
		require.ErrorContains(t, err, c.want, name)
	}
	require.EqualValues(t, 18_263, keeper.MaxQueryEpoch)
}

func TestNumbersAreGrouped(t *testing.T) {
	for number, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1_000: "1,000", 1_234_567: "1,234,567"} {
		require.Equal(t, want, grouped(math.NewInt(number)))
	}
}

func TestTheCommandHasItsFlags(t *testing.T) {
	cmd, _, err := Query().Find([]string{"schedule"})
	require.NoError(t, err)
	for _, name := range []string{"plot", "csv", "years", "width", "lines", "height", "cumulative", "ascii", "step", "output", "node"} {
		require.NotNil(t, cmd.Flags().Lookup(name), name)
	}
}
