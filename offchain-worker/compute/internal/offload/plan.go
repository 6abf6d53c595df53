package offload

import (
	"math"
	"time"
)

// target is how long a dispatch should take: long enough that the device is not waiting for the next one, and so short that a
// device that slows down fourfold between two dispatches still ends within half a second.
const target = 100 * time.Millisecond

const (
	// firstRate, in multiply-accumulates a second, is less than what any device does.
	firstRate = 2e8
	// rateStep bounds how much one measured time can change the rate, since times of short dispatches say little.
	rateStep = 4
	// minWords is the least depth of a dispatch, 256 values: below, reading and writing the entries costs more than multiplying.
	minWords = 64
)

// pace learns from past dispatches how much work fits the next.
type pace struct{ rate float64 }

func newPace() *pace { return &pace{rate: firstRate} }

// budget is the work that the next dispatch may do, in multiply-accumulates.
func (p *pace) budget() float64 { return p.rate * target.Seconds() }

// learn takes the work and duration of a dispatch into account.
func (p *pace) learn(work uint64, took time.Duration) {
	measured := float64(work) / max(took.Seconds(), 1e-6)
	p.rate = min(max(measured, p.rate/rateStep), p.rate*rateStep)
}

// plan chooses sizes of blocks from what a device can hold and how fast it is.
type plan struct {
	limits Limits
	pace   *pace
}

// panelRows is how many of an operand's rows are loaded at a time.
func (p plan) panelRows(rows, stride int) int {
	return p.fit(rows, p.limits.PanelBytes/stride)
}

// height is the number of rows of a band of blocks: about as many as columns.
func (p plan) height(rows, cols, words int) int {
	entries := p.entries(words)
	side := int(math.Sqrt(float64(entries)))
	return p.fit(rows, max(side, entries/cols))
}

// width is the number of columns of a block of a band.
func (p plan) width(height, cols, words int) int { return p.fit(cols, p.entries(words)/height) }

// words is the depth of a dispatch for so many entries.
func (p plan) words(entries, words int) int {
	fits := p.pace.budget() / (float64(entries) * Word)
	if fits >= float64(words) {
		return words
	}
	return min(words, max(minWords, int(fits)))
}

// entries is how many entries the whole inner dimension can be computed of in one dispatch, at least one tile.
func (p plan) entries(words int) int {
	fits := p.pace.budget() / (float64(words) * Word)
	least := p.limits.Tile * p.limits.Tile
	if fits >= float64(p.limits.Entries) {
		return p.limits.Entries
	}
	return max(least, int(fits))
}

// fit is n, or if only a part of it fits, whole tiles of it, at least one.
func (p plan) fit(n, fits int) int {
	if fits >= n {
		return n
	}
	return min(n, max(fits/p.limits.Tile, 1)*p.limits.Tile)
}
