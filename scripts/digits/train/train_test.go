package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The analytic gradient of one image's loss must be the slope of the loss.
func TestGradientIsTheSlope(t *testing.T) {
	random := &generator{state: 1}
	n := newNetwork(random)
	var pixels [imageSize]uint8
	for i := range pixels {
		pixels[i] = uint8(random.below(256))
	}
	const label = 3
	for name, p := range map[string]*parameters{"first": &n.first, "firstBias": &n.firstBias, "second": &n.second, "secondBias": &n.secondBias} {
		clear(p.gradient)
		n.learn(pixels, label)
		gradient := append([]float32{}, p.gradient...)
		largest := 0
		for i, g := range gradient {
			if math.Abs(float64(g)) > math.Abs(float64(gradient[largest])) {
				largest = i
			}
		}
		require.NotZero(t, gradient[largest], name)
		const step = 1e-3
		value := p.value[largest]
		p.value[largest] = value + step
		above := n.learn(pixels, label)
		p.value[largest] = value - step
		below := n.learn(pixels, label)
		p.value[largest] = value
		slope := (above - below) / (2 * step)
		require.InEpsilon(t, slope, gradient[largest], 0.02, name)
	}
}

func TestUpdateGoesDownhill(t *testing.T) {
	random := &generator{state: 2}
	n := newNetwork(random)
	var pixels [imageSize]uint8
	pixels[400] = 255
	first := n.learn(pixels, 7)
	n.update(1, learningRate)
	for range 200 {
		n.learn(pixels, 7)
		n.update(1, learningRate)
	}
	require.Less(t, n.learn(pixels, 7), first/10)
}

func TestExp(t *testing.T) {
	for x := 0.0; x > -80; x -= 0.37 {
		require.InEpsilon(t, math.Exp(x), exp(x), 1e-14)
	}
}

func TestSplitKeepsTestImagesOutOfTraining(t *testing.T) {
	var all [digits][]image
	for d := range all {
		for i := range 150 + d {
			img := image{label: uint8(d)}
			img.pixels[0], img.pixels[1] = uint8(d), uint8(i)
			all[d] = append(all[d], img)
		}
	}
	training, test := split(all, &generator{state: 3})
	require.Len(t, test, digits*testPerDigit)
	require.Len(t, training, 10*50+45)
	seen := map[image]bool{}
	for _, img := range append(training, test...) {
		require.False(t, seen[img], "an image is in both sets")
		seen[img] = true
	}
}

func TestSampleInterpolates(t *testing.T) {
	var pixels [imageSize]uint8
	pixels[0], pixels[1], pixels[side], pixels[side+1] = 10, 20, 30, 40
	require.Equal(t, uint8(10), sample(&pixels, 0, 0))
	require.Equal(t, uint8(40), sample(&pixels, one, one))
	require.Equal(t, uint8(15), sample(&pixels, one/2, 0))
	require.Equal(t, uint8(25), sample(&pixels, one/2, one/2))
	require.Equal(t, uint8(5), sample(&pixels, -one/2, 0), "outside is background")
	require.Zero(t, sample(&pixels, -2*one, 0))
}

func TestLoadDigitRestoresEveryGreyLevel(t *testing.T) {
	values := make([]float64, imageSize)
	for i := range values {
		values[i] = math.Round(float64(i%256)/255*1000) / 1000
	}
	images, err := loadDigit(digitFile(t, values), 4)
	require.NoError(t, err)
	for i, p := range images[0].pixels {
		require.Equal(t, uint8(i%256), p)
	}
	require.Equal(t, uint8(4), images[0].label)

	values[9] = 0.5011
	_, err = loadDigit(digitFile(t, values), 4)
	require.ErrorContains(t, err, "pixel 9 is 0.5011")
	_, err = loadDigit(digitFile(t, values[1:]), 4)
	require.ErrorContains(t, err, "783 pixels")
}

func digitFile(t *testing.T, values []float64) string {
	t.Helper()
	text, err := json.Marshal(map[string][]float64{"data": values})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "4.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}
