// Package plot draws curves and bars as SVG: enough for figures of a few series, without a library.
package plot

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Curve is a named line through points.
type Curve struct {
	Name string
	X, Y []float64
}

// Bar is a named value.
type Bar struct {
	Name  string
	Value float64
}

// Size of a plot in pixels, and the margins of what is drawn in it.
const (
	width, height            = 760, 420
	left, right, top, bottom = 80, 170, 46, 56
)

// colours that differ for those who see colours otherwise too (Okabe and Ito, 2008).
var colours = []string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"}

// Lines draws curves over a logarithmic axis: x must be above 0, others are left out. Y is from 0 to 1.
func Lines(title, xLabel, yLabel string, curves []Curve) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for _, x := range c.X {
			if x > 0 {
				low, high = min(low, x), max(high, x)
			}
		}
	}
	if low > high {
		low, high = 1, 10
	}
	low, high = math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	high = max(high, low+1)
	across := func(x float64) float64 { return left + (math.Log10(x)-low)/(high-low)*(width-left-right) }
	b := begin(title, yLabel)
	for decade := low; decade <= high; decade++ {
		x := across(math.Pow(10, decade))
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/>`+"\n", x, top, x, height-bottom)
		text(b, x, height-bottom+18, "middle", number(math.Pow(10, decade)))
	}
	text(b, (left+width-right)/2, height-14, "middle", xLabel)
	for share := 0.0; share <= 1; share += 0.25 {
		text(b, left-8, up(share)+4, "end", number(share))
	}
	for i, c := range curves {
		var points []string
		for k := range c.X {
			if c.X[k] > 0 {
				points = append(points, fmt.Sprintf("%.1f,%.1f", across(c.X[k]), up(c.Y[k])))
			}
		}
		colour := colours[i%len(colours)]
		fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>`+"\n", colour, strings.Join(points, " "))
		y := float64(top + 18*i)
		fmt.Fprintf(b, `<rect x="%d" y="%.1f" width="14" height="4" fill="%s"/>`+"\n", width-right+16, y+4, colour)
		text(b, width-right+36, y+10, "start", c.Name)
	}
	return end(b)
}

// Bars draws values from 0 up, beside each other.
func Bars(title, yLabel string, bars []Bar) string {
	b := begin(title, yLabel)
	if len(bars) == 0 {
		return end(b)
	}
	most := slices.MaxFunc(bars, func(x, y Bar) int { return cmp.Compare(x.Value, y.Value) }).Value
	if most <= 0 {
		most = 1
	}
	each := float64(width-left-20) / float64(len(bars))
	for i, bar := range bars {
		x, y := left+each*(float64(i)+0.15), up(max(bar.Value, 0)/most)
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, each*0.7, height-bottom-y, colours[i%len(colours)])
		text(b, x+each*0.35, y-5, "middle", number(bar.Value))
		text(b, x+each*0.35, height-bottom+18, "middle", bar.Name)
	}
	return end(b)
}

// up is the height of a share of the axis.
func up(share float64) float64 { return float64(height-bottom) - share*float64(height-bottom-top) }

func begin(title, yLabel string) *strings.Builder {
	b := new(strings.Builder)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", width, height, width, height)
	fmt.Fprintf(b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	fmt.Fprintf(b, `<text x="%d" y="26" font-size="16">%s</text>`+"\n", left, html.EscapeString(title))
	fmt.Fprintf(b, `<text x="20" y="%d" text-anchor="middle" transform="rotate(-90 20 %d)">%s</text>`+"\n", (top+height-bottom)/2, (top+height-bottom)/2, html.EscapeString(yLabel))
	fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="black"/>`+"\n", left, height-bottom, width-20, height-bottom)
	fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="black"/>`+"\n", left, top, left, height-bottom)
	return b
}

func text(b *strings.Builder, x, y float64, anchor, words string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, html.EscapeString(words))
}

func end(b *strings.Builder) string { return b.String() + "</svg>\n" }

// number is short and plain.
func number(x float64) string {
	if x >= 1000 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
