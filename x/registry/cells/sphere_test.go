package cells

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSinesAreThose(t *testing.T) {
	for degrees := int32(-180); degrees <= 270; degrees++ {
		require.InDelta(t, math.Sin(float64(degrees)*math.Pi/180)*one, float64(sine(degrees)), 1)
	}
	for degrees := int32(-180); degrees <= 180; degrees++ {
		require.InDelta(t, math.Cos(float64(degrees)*math.Pi/180)*one, float64(cosine(degrees)), 1)
	}
}

func TestArcsineAndRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.Int64Range(0, one), rapid.Int64Range(0, 1_000), rapid.Int64Range(one-1_000, one)).Draw(t, "s")
		require.InDelta(t, math.Asin(float64(s)/one)*one, float64(arcsine(s)), 100)
		n := rapid.OneOf(rapid.Uint64Range(0, one*one), rapid.Uint64Range(0, 10)).Draw(t, "n")
		r := Root(n)
		require.True(t, r*r <= n && n < (r+1)*(r+1))
	})
}
