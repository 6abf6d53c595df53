package schedule

import (
	"fmt"
	"math/big"
	"strings"

	"cosmossdk.io/math"
)

// Bounds of a drawing, in characters.
const (
	// MinWidth and MaxWidth bound the curve's width, without the labels.
	MinWidth, MaxWidth = 10, 400
	// MinHeight and MaxHeight bound its height, without the axis.
	MinHeight, MaxHeight = 3, 100
)

// Canvas says how to draw.
type Canvas struct {
	// Width and Height of the curve in characters.
	Width, Height int
	// ASCII draws with asterisks, one point a character, instead of with braille's eight.
	ASCII bool
	// Label writes an amount.
	Label func(math.Int) string
	// Left, Middle and Right stand below the curve.
	Left, Middle, Right string
}

// Columns is the number of points across the canvas.
func (c Canvas) Columns() int {
	if c.ASCII {
		return c.Width
	}
	return 2 * c.Width
}

func (c Canvas) rows() int {
	if c.ASCII {
		return c.Height
	}
	return 4 * c.Height
}

func (c Canvas) validate() error {
	if c.Width < MinWidth || c.Width > MaxWidth {
		return fmt.Errorf("%w: width is %d: it must be from %d to %d", ErrSchedule, c.Width, MinWidth, MaxWidth)
	}
	if c.Height < MinHeight || c.Height > MaxHeight {
		return fmt.Errorf("%w: height is %d: it must be from %d to %d", ErrSchedule, c.Height, MinHeight, MaxHeight)
	}
	return nil
}

// Plot draws values from left to right over a scale from zero to the largest of them, in integers throughout.
func Plot(values []math.Int, c Canvas) (string, error) {
	if err := c.validate(); err != nil {
		return "", err
	}
	if len(values) == 0 {
		return "", fmt.Errorf("%w: there is nothing to draw", ErrSchedule)
	}
	top := math.ZeroInt()
	for _, value := range values {
		top = math.MaxInt(top, value)
	}
	dots := c.trace(values, top)
	labels := []string{c.Label(top), c.Label(top.QuoRaw(2)), c.Label(math.ZeroInt())}
	margin := 0
	for _, label := range labels {
		margin = max(margin, len([]rune(label)))
	}
	var b strings.Builder
	for row := range c.Height {
		label := ""
		switch row {
		case 0:
			label = labels[0]
		case c.Height / 2:
			label = labels[1]
		case c.Height - 1:
			label = labels[2]
		}
		fmt.Fprintf(&b, "%*s %s%s\n", margin, label, c.glyph('│'), strings.TrimRight(c.line(dots, row), " "))
	}
	fmt.Fprintf(&b, "%*s %s%s\n", margin, "", c.glyph('└'), strings.Repeat(c.glyph('─'), c.Width))
	fmt.Fprintf(&b, "%*s  %s\n", margin, "", c.ticks())
	return b.String(), nil
}

// glyph is a character of the frame, or what stands for it in ASCII.
func (c Canvas) glyph(frame rune) string {
	if !c.ASCII {
		return string(frame)
	}
	return map[rune]string{'│': "|", '└': "+", '─': "-"}[frame]
}

// trace marks the dots of the curve: dots[row][column], row 0 at the bottom. Steps are filled, so that the curve is whole.
func (c Canvas) trace(values []math.Int, top math.Int) [][]bool {
	dots := make([][]bool, c.rows())
	for row := range dots {
		dots[row] = make([]bool, c.Columns())
	}
	last := -1
	for column := range c.Columns() {
		row := c.height(values[c.nearest(column, len(values))], top)
		if last < 0 {
			last = row
		}
		for r := min(last, row); r <= max(last, row); r++ {
			dots[r][column] = true
		}
		last = row
	}
	return dots
}

// nearest is the value, of so many, that is closest to a column.
func (c Canvas) nearest(column, values int) int {
	across := c.Columns() - 1
	return (2*column*(values-1) + across) / (2 * across)
}

// height is the row of a value, rounded to the nearest.
func (c Canvas) height(value, top math.Int) int {
	if !top.IsPositive() {
		return 0
	}
	scaled := new(big.Int).Mul(value.BigInt(), big.NewInt(int64(2*(c.rows()-1))))
	scaled.Add(scaled, top.BigInt())
	return int(scaled.Quo(scaled, new(big.Int).Lsh(top.BigInt(), 1)).Int64())
}

// brailleDots are the bits of a braille character, by the row from the top and the column of the dot.
var brailleDots = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// line draws one row of characters, counted from the top.
func (c Canvas) line(dots [][]bool, row int) string {
	var b strings.Builder
	for column := range c.Width {
		if c.ASCII {
			b.WriteByte(map[bool]byte{true: '*', false: ' '}[dots[c.Height-1-row][column]])
			continue
		}
		char := rune(0)
		for y := range 4 {
			for x := range 2 {
				if dots[c.rows()-1-(4*row+y)][2*column+x] {
					char |= brailleDots[y][x]
				}
			}
		}
		if char == 0 {
			b.WriteByte(' ')
		} else {
			b.WriteRune(0x2800 + char)
		}
	}
	return b.String()
}

// ticks writes the labels below the curve, left, in the middle and right.
func (c Canvas) ticks() string {
	gap := max(c.Width-len(c.Left)-len(c.Middle)-len(c.Right), 2)
	return c.Left + strings.Repeat(" ", gap/2) + c.Middle + strings.Repeat(" ", gap-gap/2) + c.Right
}

// CSV writes points as comma-separated values with a heading.
func CSV(points []Point) string {
	var b strings.Builder
	b.WriteString(CSVHeading)
	for _, p := range points {
		fmt.Fprintf(&b, "%d,%s,%s\n", p.Epoch, p.Amount, p.Cumulative)
	}
	return b.String()
}

// CSVHeading is the first line of the table that CSV writes.
const CSVHeading = "epoch,amount,cumulative\n"
