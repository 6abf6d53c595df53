package schedule_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/emission/schedule"
)

func canvas(width, height int, ascii bool) schedule.Canvas {
	return schedule.Canvas{Width: width, Height: height, ASCII: ascii, Label: math.Int.String, Left: "a", Middle: "b", Right: "c"}
}

func ints(values ...int64) (out []math.Int) {
	for _, v := range values {
		out = append(out, math.NewInt(v))
	}
	return out
}

func TestPlotInASCII(t *testing.T) {
	drawn, err := schedule.Plot(ints(100, 75, 50, 50, 25, 25, 0, 0, 0, 0), canvas(10, 5, true))
	require.NoError(t, err)
	require.Equal(t, strings.Join([]string{
		"100 |**",
		"    | **",
		" 50 |  ***",
		"    |    ***",
		"  0 |      ****",
		"    +----------",
		"     a   b    c",
		"",
	}, "\n"), drawn)
}

func TestPlotInBraille(t *testing.T) {
	drawn, err := schedule.Plot(ints(3, 2, 1, 0), canvas(10, 3, false))
	require.NoError(t, err)
	lines := strings.Split(drawn, "\n")
	require.Equal(t, "3 │⠉⠉⡇", lines[0])
	require.Equal(t, "0 │        ⣇⣀", lines[2])
	require.Equal(t, "  └──────────", lines[3])
}

// TestPlotsAreWhole: every column has a dot, whatever the values, and the drawing has its size.
func TestPlotsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := ints(rapid.SliceOfN(rapid.Int64Range(0, 1<<62), 1, 300).Draw(t, "values")...)
		c := canvas(rapid.IntRange(schedule.MinWidth, 60).Draw(t, "width"), rapid.IntRange(schedule.MinHeight, 12).Draw(t, "height"), rapid.Bool().Draw(t, "ascii"))
		drawn, err := schedule.Plot(values, c)
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
		require.Len(t, lines, c.Height+2)
		frame := "│"
		if c.ASCII {
			frame = "|"
		}
		seen := make([]bool, c.Width)
		for _, line := range lines[:c.Height] {
			_, curve, found := strings.Cut(line, frame)
			require.True(t, found)
			for i, char := range []rune(curve) {
				seen[i] = seen[i] || char != ' '
			}
		}
		require.NotContains(t, seen, false)
	})
}

func TestPlotsAreBounded(t *testing.T) {
	for _, c := range []schedule.Canvas{
		canvas(schedule.MinWidth-1, 5, true), canvas(schedule.MaxWidth+1, 5, true), canvas(20, schedule.MinHeight-1, false), canvas(20, schedule.MaxHeight+1, false),
	} {
		_, err := schedule.Plot(ints(1), c)
		require.ErrorIs(t, err, schedule.ErrSchedule)
	}
	_, err := schedule.Plot(nil, canvas(20, 5, true))
	require.ErrorIs(t, err, schedule.ErrSchedule)
	flat, err := schedule.Plot(ints(0, 0), canvas(10, 3, true))
	require.NoError(t, err)
	require.Contains(t, flat, "|**********", "nothing is a line at the bottom")
}

func TestCSV(t *testing.T) {
	require.Equal(t, "epoch,amount,cumulative\n1,10,10\n2,5,15\n", schedule.CSV([]schedule.Point{
		{Epoch: 1, Amount: math.NewInt(10), Cumulative: math.NewInt(10)}, {Epoch: 2, Amount: math.NewInt(5), Cumulative: math.NewInt(15)},
	}))
}
