package main

import (
	"math"
	"strconv"

	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/program"
)

// parameters is one array of the network with its gradient and Adam's two moments.
type parameters struct {
	value, gradient, mean, square []float32
}

func newParameters(n int, limit float32, random *generator) parameters {
	p := parameters{value: make([]float32, n), gradient: make([]float32, n), mean: make([]float32, n), square: make([]float32, n)}
	for i := range p.value {
		p.value[i] = random.uniform(limit)
	}
	return p
}

// network is a 784-128-10 perceptron in training: ReLU between the layers, softmax and cross-entropy after them.
type network struct {
	// first is [784][128], a row for each pixel, because most pixels are background and cost nothing that way.
	first, firstBias parameters
	// second is [10][128].
	second, secondBias parameters
	// meanPower and squarePower are Adam's decay rates to the power of the number of updates.
	meanPower, squarePower float64

	hidden, hiddenError [hiddenUnits]float32
}

func newNetwork(random *generator) *network {
	// He's bound for layers before ReLU: it keeps the variance of activations from layer to layer.
	limit := func(inputs int) float32 { return float32(math.Sqrt(6 / float64(inputs))) }
	return &network{
		first:       newParameters(imageSize*hiddenUnits, limit(imageSize), random),
		firstBias:   newParameters(hiddenUnits, 0, random),
		second:      newParameters(digits*hiddenUnits, limit(hiddenUnits), random),
		secondBias:  newParameters(digits, 0, random),
		meanPower:   1,
		squarePower: 1,
	}
}

// learn adds the gradient of one image's loss and returns the loss.
func (n *network) learn(pixels [imageSize]uint8, label uint8) float64 {
	n.forward(&pixels)
	loss, errors := n.outputErrors(label)
	n.backward(&pixels, errors)
	return loss
}

// forward computes the hidden units.
func (n *network) forward(pixels *[imageSize]uint8) {
	copy(n.hidden[:], n.firstBias.value)
	for i, p := range pixels {
		if p == 0 {
			continue
		}
		addScaled(&n.hidden, (*[hiddenUnits]float32)(n.first.value[i*hiddenUnits:]), float32(p)*pixelScale)
	}
	for h := range n.hidden {
		n.hidden[h] = max(n.hidden[h], 0)
	}
}

// outputErrors returns the loss and its derivative by each logit: the softmax less the label's indicator.
func (n *network) outputErrors(label uint8) (float64, [digits]float32) {
	var logits [digits]float64
	largest := math.Inf(-1)
	for d := range logits {
		sum := n.secondBias.value[d]
		for h, w := range n.second.value[d*hiddenUnits : (d+1)*hiddenUnits] {
			sum += float32(w * n.hidden[h])
		}
		logits[d] = float64(sum)
		largest = max(largest, logits[d])
	}
	total := 0.0
	for d := range logits {
		logits[d] = exp(logits[d] - largest)
		total += logits[d]
	}
	var errors [digits]float32
	for d := range errors {
		errors[d] = float32(logits[d] / total)
	}
	loss := -math.Log(max(logits[label]/total, 1e-30)) // Printed only: it may differ between processors.
	errors[label] -= 1
	return loss, errors
}

// backward adds the gradients of all parameters.
func (n *network) backward(pixels *[imageSize]uint8, errors [digits]float32) {
	clear(n.hiddenError[:])
	for d, e := range errors {
		n.secondBias.gradient[d] += e
		weights := (*[hiddenUnits]float32)(n.second.value[d*hiddenUnits:])
		addScaled(&n.hiddenError, weights, e)
		addScaled((*[hiddenUnits]float32)(n.second.gradient[d*hiddenUnits:]), &n.hidden, e)
	}
	for h, v := range n.hidden {
		if v == 0 {
			n.hiddenError[h] = 0
		}
		n.firstBias.gradient[h] += n.hiddenError[h]
	}
	for i, p := range pixels {
		if p == 0 {
			continue
		}
		addScaled((*[hiddenUnits]float32)(n.first.gradient[i*hiddenUnits:]), &n.hiddenError, float32(p)*pixelScale)
	}
}

// addScaled adds factor times source; the conversion keeps the product from being fused with the sum.
func addScaled(target, source *[hiddenUnits]float32, factor float32) {
	for i, v := range source {
		target[i] += float32(v * factor)
	}
}

// Adam's constants (Kingma and Ba, 2015).
const (
	meanDecay   = 0.9
	squareDecay = 0.999
	epsilon     = 1e-8
)

// update applies the mean gradient of a batch by Adam and clears it.
func (n *network) update(batch int, rate float32) {
	n.meanPower *= meanDecay
	n.squarePower *= squareDecay
	meanScale := float32(1 / (1 - n.meanPower))
	squareScale := float32(1 / (1 - n.squarePower))
	share := 1 / float32(batch)
	for _, p := range []*parameters{&n.first, &n.firstBias, &n.second, &n.secondBias} {
		for i, sum := range p.gradient {
			gradient := sum * share
			p.mean[i] = float32(meanDecay*p.mean[i]) + float32((1-meanDecay)*gradient)
			p.square[i] = float32(squareDecay*p.square[i]) + float32((1-squareDecay)*float32(gradient*gradient))
			root := float32(math.Sqrt(float64(p.square[i] * squareScale)))
			p.value[i] -= float32(rate * (p.mean[i] * meanScale) / (root + epsilon))
		}
		clear(p.gradient)
	}
}

// exp is e^x for x <= 0: a power of two times a Taylor polynomial on [-ln 2/2, ln 2/2]. The library's own differs in the last bit
// between processors.
func exp(x float64) float64 {
	twos := math.Floor(x/math.Ln2 + 0.5)
	rest := x - float64(twos*math.Ln2)
	sum := 1.0
	for k := 14; k > 0; k-- {
		sum = 1 + float64(sum*rest)/float64(k)
	}
	return math.Ldexp(sum, int(twos))
}

// export returns the network with a row of weights for each output.
func (n *network) export() *model.FloatNetwork {
	first := make([]float32, len(n.first.value))
	for i := range imageSize {
		for h := range hiddenUnits {
			first[h*imageSize+i] = n.first.value[i*hiddenUnits+h]
		}
	}
	return &model.FloatNetwork{
		Layers: []model.FloatLayer{
			{Rows: hiddenUnits, Cols: imageSize, Weight: first, Bias: n.firstBias.value, Activation: program.ACTIVATION_RELU},
			{Rows: digits, Cols: hiddenUnits, Weight: n.second.value, Bias: n.secondBias.value, Activation: program.ACTIVATION_IDENTITY},
		},
		Notes: map[string]string{
			"input.scale": strconv.FormatFloat(pixelScale, 'g', -1, 64),
			"description": "handwritten digits 0 to 9, 784-128-10; see scripts/digits/data/README.md",
		},
	}
}
