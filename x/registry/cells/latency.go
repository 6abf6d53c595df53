package cells

import (
	"slices"
	"sync"
)

// What the prior is made of.
const (
	// EarthRadius is the mean radius of the Earth in decimetres: 6,371.0088 km (IUGG, R₁ of GRS 80; H. Moritz, Geodetic
	// Reference System 1980, Journal of Geodesy 74, 2000).
	EarthRadius = 63_710_088
	// LightSpeed is that of light in a vacuum in metres a second, by the definition of the metre (SI). In fibre, whose index of
	// refraction is about 1.5, it is two thirds of that.
	LightSpeed = 299_792_458
	// RouteTenths is how much longer data travels than light in fibre along the great circle, in tenths: 2.1, the rule of thumb
	// for the Internet in I. Bozkurt et al., Dissecting Latency in the Internet's Fiber Infrastructure, arXiv:1811.10737, 2018.
	RouteTenths = 21
	// HopMicros is what the access network of one end adds to a round trip: 5 ms, a round number of the size of the last-mile
	// latencies in V. Bajpai et al., Dissecting Last-mile Latency Characteristics, ACM SIGCOMM CCR 47(5), 2017.
	HopMicros = 5_000
	// MicrosPerRadian is what the way adds to a round trip by the prior, for every radian of the great circle, in
	// microseconds: radius · 2 / (2/3 c) · 2.1.
	MicrosPerRadian = EarthRadius / 10 * 3 * RouteTenths / 10 * 1_000_000 / LightSpeed
)

// inFibre is how long light in fibre takes there and back along an angle in 10^-9 radians, in microseconds, rounded down.
func inFibre(nano int64) int64 {
	metres := nano / 1_000 * EarthRadius / 10_000_000
	return metres * 3 * 1_000_000 / LightSpeed
}

// RoundTrip is how long data is expected to take from one cell to another and back, in microseconds: the prior, before
// anything was measured. It goes by the middles of the cells, along the great circle: light in fibre, times the route's
// detours, and a hop at each end. It is the same both ways, above 0 within a cell too, and 0 only when one of the two is no
// cell.
func RoundTrip(a, b Cell) uint32 {
	if !a.Known() || !b.Known() {
		return 0
	}
	const middle = Degrees / 2
	light := inFibre(angle(a.south()+middle, b.south()+middle, apart(a, b)*Degrees))
	return uint32(light*RouteTenths/10 + 2*HopMicros)
}

// Bound is what no round trip between two cells can take less than, in microseconds: light in fibre between their nearest
// points. It is 0 for neighbours, and when one of the two is no cell.
func Bound(a, b Cell) uint32 {
	if !a.Known() || !b.Known() {
		return 0
	}
	return uint32(inFibre(nearest(a.south(), b.south(), max(apart(a, b)-1, 0)*Degrees)))
}

// nearest is the angle between the nearest points of two cells, of which the lower ends of the latitudes are given and how far
// their nearest meridians are apart, all in degrees. On two meridians the nearest points have an end of one cell at least: a
// point between the ends of both is nearest only at the poles and, where it is but a saddle, at the equator.
func nearest(a, b, gap int32) int64 {
	if gap == 0 {
		return int64(max(max(a, b)-min(a, b)-Degrees, 0)) * nanoPerDegree
	}
	least := int64(4 * quarter * nanoPerDegree)
	for _, end := range []int32{a, a + Degrees} {
		least = min(least, toMeridian(end, b, gap))
	}
	for _, end := range []int32{b, b + Degrees} {
		least = min(least, toMeridian(end, a, gap))
	}
	return least
}

// toMeridian is the angle between a point at a latitude and the nearest of the points on a meridian, gap away, from a latitude to
// a cell's side above it. Where the foot of the perpendicular is among them, its sine is the cosine of the latitude times the
// sine of the gap; else an end is nearest.
func toMeridian(lat, south, gap int32) int64 {
	if rises(lat, south, gap) && !rises(lat, south+Degrees, gap) {
		return arcsine(times(cosine(lat), sine(gap)))
	}
	return min(angle(lat, south, gap), angle(lat, south+Degrees, gap))
}

// rises tells whether going north from a point on a meridian, gap away, leads nearer to the point at a latitude.
func rises(lat, on, gap int32) bool {
	return sine(lat)*cosine(on)-times(cosine(lat), cosine(gap))*sine(on) > 0
}

// Point is the middle of a cell as a point in space, in microseconds: what is near on Earth is as far apart as the prior says,
// without the hops; what is far is nearer, by up to 36 in a hundred, because the straight line is shorter than the arc. It is the
// centre of the Earth when c is no cell.
func (c Cell) Point() [3]int64 {
	if !c.Known() {
		return [3]int64{}
	}
	lat, lon := c.south()+Degrees/2, c.west()+Degrees/2
	return [3]int64{
		times(times(cosine(lat), cosine(lon)), MicrosPerRadian),
		times(times(cosine(lat), sine(lon)), MicrosPerRadian),
		times(sine(lat), MicrosPerRadian),
	}
}

// near lists for every home all cells in order of the prior. It takes milliseconds, once, and 840 kB.
var near = sync.OnceValue(func() [][]Cell {
	lists := make([][]Cell, Count)
	order := make([]uint64, Count)
	for home := range Cell(Count) {
		for other := range Cell(Count) {
			order[other] = uint64(RoundTrip(home+1, other+1))<<16 | uint64(other+1)
		}
		slices.Sort(order)
		list := make([]Cell, Count)
		for i, entry := range order {
			list[i] = Cell(entry & 0xffff)
		}
		lists[home] = list
	}
	return lists
})

// Near lists all cells, the nearest to home by the prior first, ties by number: so home itself is the first. It is nil when
// home is no cell. The list is shared: it must not be changed.
func Near(home Cell) []Cell {
	if !home.Known() {
		return nil
	}
	return near()[home-1]
}
