package coordinates_test

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/coordinates"
)

// host is a device of a made-up network: a place, an access network, and what it learnt.
type host struct {
	lat, lon, access float64
	node             coordinates.Node
}

// network is a number of hosts whose routes are longer than the great circle, each pair's by its own factor.
type network struct {
	hosts  []host
	detour [][]float64
	random *rand.Rand
}

// newNetwork draws hosts around a few towns, with access networks from 1 to 30 ms and detours from 1.1 to 2.3, of the towns and, in
// part, of each pair.
func newNetwork(seed int64, n int) *network {
	w := &network{random: rand.New(rand.NewSource(seed))}
	towns := [][2]float64{{40, -74}, {37, -122}, {52, 0}, {50, 9}, {1, 104}, {35, 139}, {-33, 151}, {-23, -46}, {19, 73}, {-26, 28}}
	between := make([][]float64, len(towns))
	for i := range between {
		between[i] = make([]float64, len(towns))
		for j := range i + 1 {
			between[i][j] = 1.1 + w.random.Float64()
			between[j][i] = between[i][j]
		}
	}
	w.detour = make([][]float64, n)
	for i := range n {
		town := towns[i%len(towns)]
		h := host{lat: town[0] + w.random.NormFloat64()*2, lon: town[1] + w.random.NormFloat64()*2, access: 500 + w.random.ExpFloat64()*5_000}
		cell, err := cells.At(int32(h.lat*10_000), int32(h.lon*10_000))
		if err != nil {
			panic(err)
		}
		h.node = coordinates.Node{Cell: cell, At: coordinates.New(cell)}
		w.hosts = append(w.hosts, h)
		w.detour[i] = make([]float64, n)
		for j := range i {
			w.detour[i][j] = between[i%len(towns)][j%len(towns)] + w.random.Float64()*0.2
			w.detour[j][i] = w.detour[i][j]
		}
	}
	return w
}

// truth is how long a round trip takes.
func (w *network) truth(i, j int) float64 {
	const radian = math.Pi / 180
	a, b := w.hosts[i], w.hosts[j]
	across, along := math.Sin((a.lat-b.lat)/2*radian), math.Sin((a.lon-b.lon)/2*radian)
	angle := 2 * math.Asin(math.Sqrt(math.Min(1, across*across+math.Cos(a.lat*radian)*math.Cos(b.lat*radian)*along*along)))
	return angle*6_371_008.8*3/299.792458*w.detour[i][j] + a.access + b.access
}

// measure lets host i measure its way to host j and learn, with up to a tenth of noise upwards.
func (w *network) measure(i, j int, lie float64) {
	micros := uint32(w.truth(i, j) * (1 + w.random.Float64()/10) * lie)
	w.hosts[i].node.At = coordinates.Step(w.hosts[i].node, w.hosts[j].node, max(micros, 1), byte(i))
}

// learn lets every host measure some others in each round; liars tell anything.
func (w *network) learn(rounds, liars int) {
	for range rounds {
		for i := range w.hosts {
			j := w.random.Intn(len(w.hosts))
			if j == i {
				continue
			}
			lie := 1.0
			if i < liars {
				lie = 20 * w.random.Float64()
			}
			w.measure(i, j, lie)
		}
	}
}

// wrong is the median, over all pairs of hosts from first on, of how wrong the prediction is.
func (w *network) wrong(first int) float64 {
	var errors []float64
	for i := first; i < len(w.hosts); i++ {
		for j := first; j < i; j++ {
			truth := w.truth(i, j)
			errors = append(errors, math.Abs(float64(coordinates.Predict(w.hosts[i].node, w.hosts[j].node))-truth)/truth)
		}
	}
	slices.Sort(errors)
	return errors[len(errors)/2]
}

// Devices that measure each other predict better than where they are on Earth does.
func TestConverges(t *testing.T) {
	var before, after float64
	for seed := range int64(4) {
		w := newNetwork(seed, 80)
		prior := w.wrong(0)
		w.learn(40, 0)
		soon := w.wrong(0)
		w.learn(200, 0)
		late := w.wrong(0)
		t.Logf("seed %d: median error %.0f%% by the prior, %.0f%% after 40 round trips each, %.0f%% after 240", seed, 100*prior, 100*soon, 100*late)
		require.Less(t, soon, 0.16)
		require.Less(t, late, 0.16)
		before, after = before+prior, after+late
	}
	require.Less(t, after, before*0.7)
}

// A tenth of liars doesn't make the others' predictions worse than the prior.
func TestLiarsDoNotSpoilTheOthers(t *testing.T) {
	for seed := range int64(4) {
		w := newNetwork(seed, 80)
		prior := w.wrong(8)
		w.learn(240, 8)
		late := w.wrong(8)
		t.Logf("seed %d: median error of the honest %.0f%% by the prior, %.0f%% beside a tenth of liars", seed, 100*prior, 100*late)
		require.Less(t, late, prior)
	}
}

func anyCell() *rapid.Generator[cells.Cell] {
	return rapid.Custom(func(t *rapid.T) cells.Cell { return cells.Cell(rapid.IntRange(1, cells.Count).Draw(t, "cell")) })
}

// anyNode draws every valid node, those at the bounds often.
func anyNode() *rapid.Generator[coordinates.Node] {
	return rapid.Custom(func(t *rapid.T) coordinates.Node {
		cell := anyCell().Draw(t, "cell")
		node := coordinates.Node{Cell: cell, At: coordinates.New(cell)}
		drift := rapid.OneOf(rapid.SampledFrom([]int64{-coordinates.MaxDrift, 0, coordinates.MaxDrift}), rapid.Int64Range(-coordinates.MaxDrift, coordinates.MaxDrift))
		for axis := range node.At.X {
			node.At.X[axis] += drift.Draw(t, "drift")
		}
		node.At.Height = rapid.OneOf(rapid.SampledFrom([]int64{coordinates.MinHeight, coordinates.MaxHeight}),
			rapid.Int64Range(coordinates.MinHeight, coordinates.MaxHeight)).Draw(t, "height")
		node.At.Error = rapid.OneOf(rapid.SampledFrom([]uint32{0, 1, coordinates.Whole}), rapid.Uint32Range(0, coordinates.Whole)).Draw(t, "error")
		return node
	})
}

// Whatever is told, coordinates stay valid and one step is bounded; the same in gives the same out.
func TestBoundedUnderAnySamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own, peer := anyNode().Draw(t, "own"), anyNode().Draw(t, "peer")
		require.NoError(t, own.Validate())
		for range 8 {
			micros := rapid.OneOf(rapid.Uint32(), rapid.Uint32Range(0, 3), rapid.Uint32Range(1_000, 500_000)).Draw(t, "micros")
			tie := rapid.Byte().Draw(t, "tie")
			next := coordinates.Step(own, peer, micros, tie)
			require.Equal(t, next, coordinates.Step(own, peer, micros, tie))
			for axis := range next.X {
				moved := next.X[axis] - own.At.X[axis]
				require.True(t, moved >= -coordinates.MaxStep && moved <= coordinates.MaxStep)
			}
			own.At = next
			require.NoError(t, own.Validate())
			peer = rapid.OneOf(rapid.Just(peer), anyNode()).Draw(t, "next peer")
		}
	})
}

// No coordinates make a device nearer than physics.
func TestNothingIsNearerThanLight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyNode().Draw(t, "a"), anyNode().Draw(t, "b")
		predicted := coordinates.Predict(a, b)
		require.GreaterOrEqual(t, predicted, cells.Bound(a.Cell, b.Cell))
		require.Positive(t, predicted)
		require.Equal(t, predicted, coordinates.Predict(b, a))
	})
}

func TestUnmeasuredIsThePrior(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCell().Draw(t, "a"), anyCell().Draw(t, "b")
		fresh := coordinates.Node{Cell: b, At: coordinates.New(b)}
		require.Equal(t, cells.RoundTrip(a, b), coordinates.Predict(coordinates.Home(a), fresh))
		require.Zero(t, coordinates.Predict(coordinates.Home(a), coordinates.Node{At: coordinates.New(cells.Nowhere)}))
		require.Zero(t, coordinates.Predict(coordinates.Node{}, fresh))
	})
}

// A home is always between where it was and the device that it follows, and gets there as far as it may; whom nothing confirms it does not
// follow, and no device moves its height.
func TestHomesFollowTheirDevices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		device := anyNode().Draw(t, "device")
		goal := device.At.X
		for axis, middle := range device.Cell.Point() {
			goal[axis] = min(max(goal[axis], middle-coordinates.HomeDrift), middle+coordinates.HomeDrift)
		}
		home := coordinates.Home(device.Cell)
		for range 100 {
			next := coordinates.Follow(home, device.At)
			for axis := range next.X {
				require.LessOrEqual(t, abs(goal[axis]-next.X[axis]), abs(goal[axis]-home.At.X[axis]))
			}
			home.At = next
			require.NoError(t, home.ValidateHome())
		}
		switch {
		case device.At.Error == coordinates.Whole:
			require.Equal(t, coordinates.Home(device.Cell), home)
		case device.At.Error < 5_000:
			for axis := range home.At.X {
				require.LessOrEqual(t, abs(goal[axis]-home.At.X[axis]), int64(1_000))
			}
		}
	})
}

// A device that reports first that all is far, and then what is expected, so that its error falls, moves its cell's home by HomeDrift an axis at
// most: what is predicted for an honest device of the same cell stays usable.
func TestALiarDoesNotMoveItsHomeFar(t *testing.T) {
	honest := coordinates.Node{Cell: 519, At: coordinates.New(519)}
	honest.At.Error = 0
	peer := coordinates.Node{Cell: 520, At: coordinates.New(520)}
	peer.At.Error = 0
	liar, home := coordinates.Node{Cell: 519, At: coordinates.New(519)}, coordinates.Home(519)
	before := coordinates.Predict(home, honest)
	for report := range 200 {
		for range 16 {
			told := uint32(5_000_000)
			if report >= 50 {
				sure := liar
				sure.At.Error = 0
				told = coordinates.Predict(sure, peer)
			}
			liar.At = coordinates.Step(liar, peer, told, 0)
		}
		home.At = coordinates.Follow(home, liar.At)
	}
	require.NoError(t, home.ValidateHome())
	require.Greater(t, coordinates.Predict(peer, liar), uint32(500_000), "the liar is where it said")
	require.LessOrEqual(t, coordinates.Predict(home, honest), before+2*coordinates.HomeDrift)
}

func abs(n int64) int64 { return max(n, -n) }

// The step of the paper, reckoned by hand: two sure nodes 30,000 apart with heights of 5,000 each measure 48,000.
func TestStepIsThatOfThePaper(t *testing.T) {
	cell := cells.Cell(325)
	middle := cell.Point()
	own, peer := coordinates.Node{Cell: cell, At: coordinates.New(cell)}, coordinates.Node{Cell: cell, At: coordinates.New(cell)}
	own.At.X[0], own.At.Error, peer.At.Error = middle[0]+30_000, 2_000, 2_000
	got := coordinates.Step(own, peer, 48_000, 0)
	// Weight 1/2, an eighth of 8,000 is 1,000: of 40,000, 30,000 are sideways and 10,000 upwards.
	require.Equal(t, [3]int64{middle[0] + 30_750, middle[1], middle[2]}, got.X)
	require.EqualValues(t, 5_250, got.Height)
	// 8,000 of 48,000 is 16.66%, which weighs an eighth.
	require.EqualValues(t, (1_666+7*2_000)/8, got.Error)
	same := coordinates.Step(own, peer, 40_000, 0)
	require.Equal(t, own.At.X, same.X, "what is as expected moves nothing")
	require.Equal(t, own.At.Height, same.Height)
	require.NotEqual(t, coordinates.Step(peer, peer, 48_000, 0).X, coordinates.Step(peer, peer, 48_000, 1).X, "the same point has ways out")
}

func TestBadCoordinatesAreRefused(t *testing.T) {
	good := coordinates.Node{Cell: 325, At: coordinates.New(325)}
	require.NoError(t, good.Validate())
	for name, spoil := range map[string]func(*coordinates.Node){
		"without a cell": func(n *coordinates.Node) { n.Cell = 0 },
		"x[1]":           func(n *coordinates.Node) { n.At.X[1] += coordinates.MaxDrift + 1 },
		"x[2]":           func(n *coordinates.Node) { n.At.X[2] -= coordinates.MaxDrift + 1 },
		"height is 99":   func(n *coordinates.Node) { n.At.Height = coordinates.MinHeight - 1 },
		"at most 10000":  func(n *coordinates.Node) { n.At.Error = coordinates.Whole + 1 },
	} {
		bad := good
		spoil(&bad)
		require.ErrorIs(t, bad.Validate(), coordinates.ErrCoordinates)
		require.ErrorContains(t, bad.Validate(), name)
	}
}

func BenchmarkStep(b *testing.B) {
	own, peer := coordinates.Node{Cell: 325, At: coordinates.New(325)}, coordinates.Node{Cell: 400, At: coordinates.New(400)}
	for b.Loop() {
		own.At = coordinates.Step(own, peer, 48_000, 0)
	}
}
