package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// side and imageSize are the pixels of an image's side and of an image.
const (
	side      = 28
	imageSize = side * side
	digits    = 10
)

// image is a grey-scale image in row-major order, 0 for background, and the digit it shows.
type image struct {
	pixels [imageSize]uint8
	label  uint8
}

// loadDigits reads the images of all digits; result[d] holds those of digit d in the package's order.
func loadDigits(directory string) ([digits][]image, error) {
	var all [digits][]image
	for digit := range all {
		path := filepath.Join(directory, strconv.Itoa(digit)+".json")
		images, err := loadDigit(path, uint8(digit))
		if err != nil {
			return all, fmt.Errorf("%s: %w", path, err)
		}
		all[digit] = images
	}
	return all, nil
}

// loadDigit undoes the package's rounding of p/255 to three decimals, which keeps all 256 grey levels apart.
func loadDigit(path string, label uint8) ([]image, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct{ Data []float64 }
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if len(file.Data) == 0 || len(file.Data)%imageSize != 0 {
		return nil, fmt.Errorf("%d pixels are not whole images of %d", len(file.Data), imageSize)
	}
	images := make([]image, len(file.Data)/imageSize)
	for i, value := range file.Data {
		level := math.Round(value * 255)
		if !(math.Abs(value-level/255) <= 0.0005+1e-9) || level < 0 || level > 255 {
			return nil, fmt.Errorf("pixel %d is %v, not a 255th rounded to three decimals", i, value)
		}
		images[i/imageSize].pixels[i%imageSize] = uint8(level)
		images[i/imageSize].label = label
	}
	return images, nil
}

// split sets testPerDigit random images of each digit aside and returns both sets in random order.
func split(all [digits][]image, random *generator) (training, test []image) {
	for _, images := range all {
		shuffleImages(images, random)
		test = append(test, images[:testPerDigit]...)
		training = append(training, images[testPerDigit:]...)
	}
	shuffleImages(training, random)
	shuffleImages(test, random)
	return training, test
}

func shuffleImages(images []image, random *generator) {
	random.shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
}

// one is 1 in the fixed-point arithmetic of distort: 16 bits after the point.
const one = 1 << 16

// distort returns the image under a small random affine map around its centre, and is exact: integers only. Every training image
// is seen in a new form in each epoch, so that a few thousand images do for what would take many more.
func distort(pixels [imageSize]uint8, random *generator) [imageSize]uint8 {
	const slant, moved = one / 7, 2 * one
	xx, xy := one+random.within(slant), random.within(slant)
	yx, yy := random.within(slant), one+random.within(slant)
	shiftX, shiftY := random.within(moved), random.within(moved)
	var out [imageSize]uint8
	for i := range out {
		// Twice the offset from the centre, which lies between pixels.
		dx, dy := 2*(i%side)-(side-1), 2*(i/side)-(side-1)
		x := (dx*xx+dy*xy)/2 + (side-1)*one/2 + shiftX
		y := (dx*yx+dy*yy)/2 + (side-1)*one/2 + shiftY
		out[i] = sample(&pixels, x, y)
	}
	return out
}

// sample interpolates between the four pixels around a fixed-point position; outside is background.
func sample(pixels *[imageSize]uint8, x, y int) uint8 {
	col, row := x>>16, y>>16
	right, below := x&(one-1), y&(one-1)
	top := level(pixels, row, col)*(one-right) + level(pixels, row, col+1)*right
	bottom := level(pixels, row+1, col)*(one-right) + level(pixels, row+1, col+1)*right
	return uint8((top*(one-below) + bottom*below) >> 32)
}

func level(pixels *[imageSize]uint8, row, col int) int {
	if row < 0 || row >= side || col < 0 || col >= side {
		return 0
	}
	return int(pixels[row*side+col])
}
