package cells_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/cells"
)

// anyCell draws cells at the grid's ends often.
func anyCell() *rapid.Generator[cells.Cell] {
	return rapid.Custom(func(t *rapid.T) cells.Cell {
		return cells.Cell(rapid.OneOf(
			rapid.IntRange(1, cells.Count), rapid.IntRange(1, 36), rapid.IntRange(cells.Count-35, cells.Count),
			rapid.SampledFrom([]int{325, 324, 360, 361, 289, 288}),
		).Draw(t, "cell"))
	})
}

// haversine is the angle between two points in degrees, in radians, by the definition.
func haversine(latA, lonA, latB, lonB float64) float64 {
	const radian = math.Pi / 180
	across, along := math.Sin((latA-latB)/2*radian), math.Sin((lonA-lonB)/2*radian)
	return 2 * math.Asin(math.Sqrt(math.Min(1, across*across+math.Cos(latA*radian)*math.Cos(latB*radian)*along*along)))
}

// middle of a cell in degrees.
func middle(c cells.Cell) (lat, lon float64) {
	box := c.Bounds()
	return float64(box.South+box.North) / 20_000, float64(box.West+box.East) / 20_000
}

// fibre is how long light in fibre takes along an angle and back, in microseconds.
func fibre(radians float64) float64 { return radians * 6_371_008.8 * 2 / (299_792_458 * 2 / 3.0) * 1e6 }

func TestEveryPlaceHasOneCellThatHoldsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lat := rapid.OneOf(rapid.Int32Range(-900_000, 900_000), rapid.SampledFrom([]int32{-900_000, 0, 899_999, 900_000, 100_000})).Draw(t, "lat")
		lon := rapid.OneOf(rapid.Int32Range(-1_800_000, 1_799_999), rapid.SampledFrom([]int32{-1_800_000, 0, 1_799_999, -1})).Draw(t, "lon")
		cell, err := cells.At(lat, lon)
		require.NoError(t, err)
		require.NoError(t, cell.Validate())
		require.True(t, cell.Known())
		box := cell.Bounds()
		require.True(t, box.South <= lat && (lat < box.North || lat == 900_000), "%s at %d", cell, lat)
		require.True(t, box.West <= lon && lon < box.East, "%s at %d", cell, lon)
		corner, err := cells.At(box.South, box.West)
		require.NoError(t, err)
		require.Equal(t, cell, corner)
	})
	west, err := cells.At(515_074, -1_800_000)
	require.NoError(t, err)
	east, err := cells.At(515_074, 1_800_000)
	require.NoError(t, err)
	require.Equal(t, west, east, "both ends are the same meridian")
}

func TestKnownPlaces(t *testing.T) {
	for name, place := range map[string]struct {
		lat, lon int32
		cell     cells.Cell
		text     string
	}{
		"London":     {515_074, -1_278, 522, "cell 522 (50..60 N, 0..10 W)"},
		"Singapore":  {13_521, 1_038_198, 353, "cell 353 (0..10 N, 100..110 E)"},
		"South Pole": {-900_000, 0, 19, "cell 19 (80..90 S, 0..10 E)"},
	} {
		cell, err := cells.At(place.lat, place.lon)
		require.NoError(t, err)
		require.Equal(t, place.cell, cell, name)
		require.Equal(t, place.text, cell.String())
	}
}

func TestOutsideTheGridIsRefused(t *testing.T) {
	for name, place := range map[string][2]int32{
		"latitude is 90.0001 degrees": {900_001, 0}, "latitude is -214748.3648 degrees": {math.MinInt32, 0},
		"longitude is 180.0001 degrees": {0, 1_800_001}, "longitude is -180.0001 degrees": {0, -1_800_001},
	} {
		_, err := cells.At(place[0], place[1])
		require.ErrorIs(t, err, cells.ErrLocation)
		require.ErrorContains(t, err, name)
	}
	require.NoError(t, cells.Nowhere.Validate())
	require.ErrorIs(t, cells.Cell(cells.Count+1).Validate(), cells.ErrLocation)
	for _, none := range []cells.Cell{cells.Nowhere, cells.Count + 1, math.MaxUint16} {
		require.Zero(t, cells.RoundTrip(none, 1))
		require.Zero(t, cells.RoundTrip(1, none))
		require.Zero(t, cells.Bound(1, none))
		require.Nil(t, cells.Near(none))
		require.Equal(t, cells.Box{}, none.Bounds())
		require.Equal(t, [3]int64{}, none.Point())
		require.NotEmpty(t, none.String())
	}
}

// The prior of every pair is within a hundredth of the definition in floating point.
func TestPriorIsTheGreatCircle(t *testing.T) {
	for a := cells.Cell(1); a <= cells.Count; a++ {
		for b := a; b <= cells.Count; b++ {
			latA, lonA := middle(a)
			latB, lonB := middle(b)
			want := fibre(haversine(latA, lonA, latB, lonB))*2.1 + 10_000
			got := float64(cells.RoundTrip(a, b))
			if math.Abs(got-want) > want/100 {
				t.Fatalf("%s to %s: %f, want %f", a, b, got, want)
			}
		}
	}
}

func TestPriorIsADistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyCell().Draw(t, "a"), anyCell().Draw(t, "b"), anyCell().Draw(t, "c")
		require.Equal(t, cells.RoundTrip(a, b), cells.RoundTrip(b, a))
		require.LessOrEqual(t, cells.RoundTrip(a, c), cells.RoundTrip(a, b)+cells.RoundTrip(b, c))
		require.EqualValues(t, 2*cells.HopMicros, cells.RoundTrip(a, a))
		require.Less(t, cells.RoundTrip(a, b), uint32(450_000), "half round the Earth")
		if a != b {
			require.Greater(t, cells.RoundTrip(a, b), cells.RoundTrip(a, a))
		}
	})
}

func TestNearIsAllCellsInOrderOfThePrior(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := anyCell().Draw(t, "home")
		list := cells.Near(home)
		require.Len(t, list, cells.Count)
		require.Equal(t, home, list[0])
		sorted := slices.Sorted(slices.Values(list))
		for i, cell := range sorted {
			require.EqualValues(t, i+1, cell)
		}
		for i := 1; i < len(list); i++ {
			before, after := cells.RoundTrip(home, list[i-1]), cells.RoundTrip(home, list[i])
			require.True(t, before < after || before == after && list[i-1] < list[i])
		}
	})
}

// No two points of two cells are nearer than the bound, and some are nearly as near.
func TestBoundIsThatOfTheNearestPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCell().Draw(t, "a"), anyCell().Draw(t, "b")
		bound := float64(cells.Bound(a, b))
		require.Equal(t, cells.Bound(a, b), cells.Bound(b, a))
		require.LessOrEqual(t, cells.Bound(a, b), cells.RoundTrip(a, b))
		least := math.Inf(1)
		boxA, boxB := a.Bounds(), b.Bounds()
		const steps = 10
		for i := range steps + 1 {
			for j := range steps + 1 {
				latA := float64(boxA.South)/10_000 + float64(i)*cells.Degrees/steps
				latB := float64(boxB.South)/10_000 + float64(j)*cells.Degrees/steps
				for _, lonA := range []int32{boxA.West, boxA.East} {
					for _, lonB := range []int32{boxB.West, boxB.East} {
						least = min(least, fibre(haversine(latA, float64(lonA)/10_000, latB, float64(lonB)/10_000)))
					}
				}
			}
		}
		require.GreaterOrEqual(t, least+1, bound, "%s and %s", a, b)
		// The nearest point may lie half a step from those that were tried.
		require.LessOrEqual(t, least, bound+fibre(math.Pi/360)+1, "%s and %s", a, b)
	})
}

func TestPointsAreAsFarApartAsThePriorSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCell().Draw(t, "a"), anyCell().Draw(t, "b")
		straight := 0.0
		pointA, pointB := a.Point(), b.Point()
		for axis := range pointA {
			straight += math.Pow(float64(pointA[axis]-pointB[axis]), 2)
		}
		straight = math.Sqrt(straight)
		arc := float64(cells.RoundTrip(a, b) - 2*cells.HopMicros)
		require.LessOrEqual(t, straight, arc+5)
		require.GreaterOrEqual(t, straight+5, arc*2/math.Pi)
	})
}

func BenchmarkRoundTrip(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		cells.RoundTrip(cells.Cell(1+i%cells.Count), 500)
	}
}
