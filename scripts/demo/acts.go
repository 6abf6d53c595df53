package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// outcome is what 'assayd job run --output json' prints.
type outcome struct {
	JobID       uint64 `json:"job_id"`
	CloseReason string `json:"close_reason"`
	Attempts    uint32 `json:"attempts"`
	Worker      string `json:"worker"`
	Paid        string `json:"paid"`
	Certificate string `json:"certificate"`
}

// run sends a job as the customer and waits until it is settled.
func (d *demo) job(ctx context.Context, args ...string) (o outcome, err error) {
	args = append(append([]string{"job", "run"}, args...), "--from", "customer", "--home", d.home(), "--yes", "--output", "json")
	err = d.decode(ctx, &o, args...)
	return o, err
}

// accept is the least accuracy that the digits must reach.
const accept = 0.95

// playDigits sends the held-out digits through the int8 network and verifies the certificate offline.
func (d *demo) playDigits(ctx context.Context) error {
	images, labels := filepath.Join(d.digits, "images.npy"), filepath.Join(d.digits, "labels.npy")
	d.say("The images are MNIST's: written by hand, never seen in training. The network is 784-128-10, int8 throughout.")
	o, err := d.job(ctx, "network", filepath.Join(d.digits, "model.safetensors"), "--input", images, "-o", d.file("logits.npy"))
	if err != nil {
		return err
	}
	score, err := accuracy(d.file("logits.npy"), labels)
	if err != nil {
		return err
	}
	float, err := floatAccuracy(filepath.Join(d.digits, "float.safetensors"), images, labels)
	if err != nil {
		return err
	}
	d.say("\nAccuracy: %s, proven and paid for; the float model reaches %s on the same images.", score, float)
	if score.Correct < int(accept*float64(score.Total)) {
		return fmt.Errorf("accuracy %s is below %d%%", score, int(100*accept))
	}
	if err := sameBits(ctx, filepath.Join(d.digits, "model.safetensors"), images, d.file("logits.npy")); err != nil {
		return err
	}
	d.say("The chain's job, the reference interpreter and the kernel on this machine give the same bits.")
	d.say("\nAnyone can check that later, offline, trusting nothing but the genesis file:")
	return d.show(ctx, "job", "verify", o.Certificate, "--home", d.home(), "--result", d.file("logits.npy"))
}

// shape is that of a product: rows of A, inner dimension, columns of B.
type shape struct{ rows, inner, cols int }

// small is quickly done and costs the least that a job can; large costs what its device asks.
var small, large = shape{192, 512, 160}, shape{1024, 1024, 1024}

// playProduct multiplies two random matrices and compares the result with the definition.
func (d *demo) playProduct(ctx context.Context) error {
	a, b, err := d.writeFactors(small)
	if err != nil {
		return err
	}
	d.say("A is %d×%d, B is %d×%d, int8, drawn at random; C must be their exact product in int32.", small.rows, small.inner, small.inner, small.cols)
	o, err := d.job(ctx, "matmul", d.file("A.npy"), d.file("B.npy"), "-o", d.file("C.npy"))
	if err != nil {
		return err
	}
	if err := d.compareProduct(small, a, b); err != nil {
		return err
	}
	d.say("\nWhy that device had the job, term by term; the lowest sum wins:")
	return d.show(ctx, "query", "market", "explain", fmt.Sprint(o.JobID), "--home", d.home())
}

// writeFactors draws A and B and writes them where a customer would have them.
func (d *demo) writeFactors(s shape) (a, b []int8, err error) {
	source := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []int8 {
		values := make([]int8, n)
		for i := range values {
			values[i] = int8(source.IntN(256) - 128)
		}
		return values
	}
	a, b = draw(s.rows*s.inner), draw(s.inner*s.cols)
	if err := writeMatrix(d.file("A.npy"), s.rows, s.inner, a); err != nil {
		return nil, nil, err
	}
	return a, b, writeMatrix(d.file("B.npy"), s.inner, s.cols, b)
}

func writeMatrix(path string, rows, cols int, values []int8) error {
	array, err := npy.New([]int{rows, cols}, values)
	if err != nil {
		return err
	}
	return npy.WriteFile(path, array)
}

// compareProduct multiplies by the definition and looks for a difference.
func (d *demo) compareProduct(s shape, a, b []int8) error {
	array, err := npy.ReadFile(d.file("C.npy"), maxResult)
	if err != nil {
		return err
	}
	c, err := npy.Values[int32](array)
	if err != nil {
		return err
	}
	for r := range s.rows {
		for j := range s.cols {
			var want int32
			for k := range s.inner {
				want += int32(a[r*s.inner+k]) * int32(b[k*s.cols+j])
			}
			if got := c[r*s.cols+j]; got != want {
				return fmt.Errorf("C[%d][%d] is %d, the definition gives %d", r, j, got, want)
			}
		}
	}
	d.say("\nAll %d entries of C equal the definition, multiplied out here.", s.rows*s.cols)
	return nil
}

// maxResult bounds the files read back, in bytes.
const maxResult = 64 << 20

// accuracy scores logits against labels.
func accuracy(logits, labels string) (model.Score, error) {
	l, err := npy.ReadFile(logits, maxResult)
	if err != nil {
		return model.Score{}, err
	}
	t, err := npy.ReadFile(labels, maxResult)
	if err != nil {
		return model.Score{}, err
	}
	values, err := npy.Values[int32](l)
	if err != nil {
		return model.Score{}, err
	}
	output, err := tensor.NewInt32(uint32(l.Shape[0]), uint32(l.Shape[1]), values)
	if err != nil {
		return model.Score{}, err
	}
	return model.Accuracy(output, t)
}

// floatAccuracy scores the float network on the images.
func floatAccuracy(network, images, labels string) (model.Score, error) {
	i, err := npy.ReadFile(images, maxResult)
	if err != nil {
		return model.Score{}, err
	}
	t, err := npy.ReadFile(labels, maxResult)
	if err != nil {
		return model.Score{}, err
	}
	return model.EvaluateFloat(network, i, t)
}
