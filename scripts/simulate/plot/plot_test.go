package plot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/simulate/plot"
)

// elements counts those of a document, which must be well formed and hold no number that is none.
func elements(t *testing.T, svg string) map[string]int {
	t.Helper()
	require.NotContains(t, svg, "NaN")
	require.NotContains(t, svg, "Inf")
	counts := map[string]int{}
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			counts[start.Name.Local]++
		}
	}
}

func TestLines(t *testing.T) {
	curves := []plot.Curve{{Name: "a < b & c", X: []float64{0, 0.01, 1}, Y: []float64{0, 0.5, 1}}, {Name: "d", X: []float64{5}, Y: []float64{0.2}}}
	svg := plot.Lines("title <1>", "x", "y", curves)
	require.Equal(t, 2, elements(t, svg)["polyline"])
	require.Contains(t, svg, "a &lt; b &amp; c")
	require.Equal(t, svg, plot.Lines("title <1>", "x", "y", curves))
	require.Zero(t, elements(t, plot.Lines("none", "", "", nil))["polyline"])
}

func TestBars(t *testing.T) {
	svg := plot.Bars("cost", "$", []plot.Bar{{"ours", 1}, {"others", 2}, {"none", 0}})
	counts := elements(t, svg)
	require.Equal(t, 1+3, counts["rect"], "the ground and three bars")
	elements(t, plot.Bars("nothing", "", nil))
	elements(t, plot.Bars("below", "", []plot.Bar{{"x", -1}, {"y", math.SmallestNonzeroFloat64}}))
}
