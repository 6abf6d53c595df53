package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
)

// side is that of the square matrices whose product is proven whole: what the local network's reference string is made for.
const side = 256

// playFull has a product proven entry by entry, and shows what the certificate says of it.
func (d *demo) playFull(ctx context.Context) error {
	d.say("Four samples let a single wrong entry of %d slip almost always. At the level full nothing is drawn: one proof of some 3 KB, which", side*side)
	d.say("the chain checks in about 2 ms, shows every entry. F and G are %d×%d; customer and worker commit to them by points of a curve.", side, side)
	f, g, err := d.writeSquares()
	if err != nil {
		return err
	}
	o, err := d.job(ctx, "matmul", d.file("F.npy"), d.file("G.npy"), "-o", d.file("H.npy"), "--assurance", "full")
	if err != nil {
		return err
	}
	if err := d.compareSquares(f, g); err != nil {
		return err
	}
	out, err := d.assayd(ctx, "job", "verify", o.Certificate, "--home", d.home(), "--result", d.file("H.npy"))
	fmt.Print(string(out))
	if err == nil && !strings.Contains(string(out), "every entry of every step is proven") {
		err = fmt.Errorf("the certificate does not say that every entry is proven")
	}
	if err != nil {
		return err
	}
	return d.playFullNetwork(ctx)
}

// wholeImages is how many digits go through the network that is proven whole.
const wholeImages = 100

// playFullNetwork has a network proven whole, the hidden layer too, on the first of the images of the first act.
func (d *demo) playFullNetwork(ctx context.Context) error {
	d.say("\nSteps compose: the first %d digits once more, and now each of the 128 hidden values of each image is shown to be requantised", wholeImages)
	d.say("and cut off rightly, and each of the results to come from those very values, which nobody but the worker has seen.")
	if err := firstRows[uint8](filepath.Join(d.digits, "images.npy"), d.file("few.npy"), wholeImages); err != nil {
		return err
	}
	network := filepath.Join(d.digits, "model.safetensors")
	if _, err := d.job(ctx, "network", network, "--input", d.file("few.npy"), "-o", d.file("whole.npy"), "--assurance", "full"); err != nil {
		return err
	}
	if err := firstRows[int32](d.file("logits.npy"), d.file("first.npy"), wholeImages); err != nil {
		return err
	}
	sampled, err := os.ReadFile(d.file("first.npy"))
	if err != nil {
		return err
	}
	whole, err := os.ReadFile(d.file("whole.npy"))
	if err == nil && !bytes.Equal(sampled, whole) {
		err = fmt.Errorf("the network proven whole gives other results than in the first act")
	}
	if err == nil {
		d.say("\nThe same %d rows as in the first act, bit for bit.\n", wholeImages)
	}
	return err
}

// firstRows copies the first rows of a matrix to another file.
func firstRows[T npy.Number](from, to string, rows int) error {
	array, err := npy.ReadFile(from, maxResult)
	if err != nil {
		return err
	}
	values, err := npy.Values[T](array)
	if err != nil {
		return err
	}
	cut, err := npy.New([]int{rows, array.Shape[1]}, values[:rows*array.Shape[1]])
	if err != nil {
		return err
	}
	return npy.WriteFile(to, cut)
}

// writeSquares draws F and G and writes them where a customer would have them.
func (d *demo) writeSquares() (f, g []int8, err error) {
	source := rand.New(rand.NewPCG(3, 4))
	f, g = make([]int8, side*side), make([]int8, side*side)
	for i := range f {
		f[i], g[i] = int8(source.IntN(256)-128), int8(source.IntN(256)-128)
	}
	if err := writeMatrix(d.file("F.npy"), side, side, f); err != nil {
		return nil, nil, err
	}
	return f, g, writeMatrix(d.file("G.npy"), side, side, g)
}

// compareSquares multiplies by the definition and looks for a difference.
func (d *demo) compareSquares(f, g []int8) error {
	array, err := npy.ReadFile(d.file("H.npy"), maxResult)
	if err != nil {
		return err
	}
	h, err := npy.Values[int32](array)
	if err != nil {
		return err
	}
	for r := range side {
		for j := range side {
			var want int32
			for k := range side {
				want += int32(f[r*side+k]) * int32(g[k*side+j])
			}
			if got := h[r*side+j]; got != want {
				return fmt.Errorf("H[%d][%d] is %d, the definition gives %d", r, j, got, want)
			}
		}
	}
	d.say("\nAll %d entries of H equal the definition, multiplied out here.\n", side*side)
	return nil
}
