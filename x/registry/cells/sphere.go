package cells

import "math/bits"

const (
	// one is 1 in the fixed point of sines and squares of them: nine decimal digits.
	one = 1_000_000_000
	// quarter is a right angle, in degrees.
	quarter = 90
	// nanoPerDegree is π/180, in 10^-9 radians.
	nanoPerDegree = 17_453_293
)

// sines are those of 0 to 90 degrees, in 10^-9. A test compares them with the definition.
var sines = [quarter + 1]int64{
	0, 17_452_406, 34_899_497, 52_335_956, 69_756_474, 87_155_743, 104_528_463, 121_869_343, 139_173_101, 156_434_465,
	173_648_178, 190_808_995, 207_911_691, 224_951_054, 241_921_896, 258_819_045, 275_637_356, 292_371_705, 309_016_994, 325_568_154,
	342_020_143, 358_367_950, 374_606_593, 390_731_128, 406_736_643, 422_618_262, 438_371_147, 453_990_500, 469_471_563, 484_809_620,
	500_000_000, 515_038_075, 529_919_264, 544_639_035, 559_192_903, 573_576_436, 587_785_252, 601_815_023, 615_661_475, 629_320_391,
	642_787_610, 656_059_029, 669_130_606, 681_998_360, 694_658_370, 707_106_781, 719_339_800, 731_353_702, 743_144_825, 754_709_580,
	766_044_443, 777_145_961, 788_010_754, 798_635_510, 809_016_994, 819_152_044, 829_037_573, 838_670_568, 848_048_096, 857_167_301,
	866_025_404, 874_619_707, 882_947_593, 891_006_524, 898_794_046, 906_307_787, 913_545_458, 920_504_853, 927_183_855, 933_580_426,
	939_692_621, 945_518_576, 951_056_516, 956_304_756, 961_261_696, 965_925_826, 970_295_726, 974_370_065, 978_147_601, 981_627_183,
	984_807_753, 987_688_341, 990_268_069, 992_546_152, 994_521_895, 996_194_698, 997_564_050, 998_629_535, 999_390_827, 999_847_695,
	1_000_000_000,
}

// sine of a whole number of degrees from -180 to 270.
func sine(degrees int32) int64 {
	switch {
	case degrees < 0:
		return -sine(-degrees)
	case degrees > 2*quarter:
		return -sine(degrees - 2*quarter)
	case degrees > quarter:
		return sines[2*quarter-degrees]
	default:
		return sines[degrees]
	}
}

// cosine of a whole number of degrees from -180 to 180.
func cosine(degrees int32) int64 { return sine(quarter - max(degrees, -degrees)) }

// times multiplies two numbers in fixed point; the result is rounded towards 0.
func times(a, b int64) int64 { return a * b / one }

// angle is what two points on a sphere are apart, seen from its centre, in 10^-9 radians: the haversine formula, which
// stays exact for near points. Latitudes are from -90 to 90, gap is how far the meridians are apart, from 0 to 180, all in
// degrees; the gap and the difference of the latitudes must be even.
func angle(latA, latB, gap int32) int64 {
	across, along := sine(max(latA-latB, latB-latA)/2), sine(gap/2)
	square := across*across + times(cosine(latA), cosine(latB))*along/one*along
	return 2 * arcsine(int64(Root(uint64(min(square, one*one)))))
}

// arcsine of a number from 0 to 1 in fixed point, in 10^-9 radians: the whole degrees below it, from the table, and the small
// rest r as r + r³/6. Above 45 degrees it is taken from the cosine, which is more exact there.
func arcsine(s int64) int64 {
	other := int64(Root(uint64(one*one - s*s)))
	if s > other {
		return quarter*nanoPerDegree - arcsine(other)
	}
	degrees := int32(0)
	for sine(degrees+1) <= s {
		degrees++
	}
	rest := times(s, cosine(degrees)) - times(other, sine(degrees))
	return int64(degrees)*nanoPerDegree + rest + times(times(rest, rest), rest)/6
}

// Root is the square root, rounded down: of a number in the fixed point of squares, one in that of sines.
func Root(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	// Newton's steps fall from a power of two above the root until they would rise.
	guess := uint64(1) << ((bits.Len64(n) + 1) / 2)
	for {
		next := (guess + n/guess) / 2
		if next >= guess {
			return guess
		}
		guess = next
	}
}
