// Package coordinates predicts how long data takes between devices that never measured each other: network coordinates
// after F. Dabek, R. Cox, F. Kaashoek, R. Morris, Vivaldi: A Decentralized Network Coordinate System, ACM SIGCOMM 2004.
// It is pure: integers alone, no state, no SDK.
//
// A device is a point in a space of three dimensions, in microseconds, and a height above it, which stands for its access
// network: the distance of two devices is that of their points and both heights. A measured round trip is a spring between
// two devices, and moves the one that measured it.
//
// Three things differ from the paper, because whoever measures may lie. A device begins at the middle of the cell that it told,
// and is never farther from it than MaxDrift. What is predicted goes from the prior of the cells to the distance of the points
// as the error falls. And nothing is predicted to be nearer than light in fibre allows between the cells.
package coordinates

import (
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/registry/cells"
)

const (
	// Dimensions of the space.
	Dimensions = 3
	// Whole is an error of 1: as large as what was measured. Errors are in ten-thousandths.
	Whole = 10_000
	// MaxDrift is how far a device can get from the middle of its cell on each axis, in microseconds.
	MaxDrift = 100_000
	// HomeDrift is the same for a home: one of its devices that lies must not move what stands for all.
	HomeDrift = MaxDrift / 4
	// MinHeight and MaxHeight bound a device's height, in microseconds.
	MinHeight, MaxHeight = 100, 1_000_000
	// MaxStep is how far one measurement moves a device at most, in microseconds.
	MaxStep = 50_000
	// MaxRoundTrip bounds a round trip that can be learnt from, in microseconds: a minute.
	MaxRoundTrip = 60_000_000
	// pace is c_c and c_e of the paper, as the number that they are a part of: a quarter.
	pace = 4
	// followers is the number of reports that a home goes by, about.
	followers = 8
)

// ErrCoordinates marks coordinates that no measurements lead to.
var ErrCoordinates = errors.New("invalid coordinates")

// Coordinates are where a device is in the network.
type Coordinates struct {
	// X is the point, in microseconds.
	X [Dimensions]int64
	// Height above it, in microseconds, from MinHeight to MaxHeight.
	Height int64
	// Error is how wrong its predictions were lately, from 0 to Whole.
	Error uint32
}

// Node is a device, or a place: where it says it is, and where it was measured to be.
type Node struct {
	Cell cells.Cell
	At   Coordinates
}

// New is where a device of a cell begins, before anything was measured.
func New(cell cells.Cell) Coordinates {
	return Coordinates{X: cell.Point(), Height: cells.HopMicros, Error: Whole}
}

// Home is the middle of a cell, as who asks for something near it, before anybody there measured anything. It has no error:
// how much a prediction goes by the coordinates depends on the other end alone.
func Home(cell cells.Cell) Node {
	at := New(cell)
	at.Error = 0
	return Node{Cell: cell, At: at}
}

// Follow moves a home towards a device of its cell, by an eighth of the way, and less the larger the device's error is: where routes are
// shorter than the prior has them, devices draw nearer to each other, and what stands for their cell must come along. Its height stays: that
// is the access network of who asks, of which no device's tells anything. No home gets farther than HomeDrift from the middle of its cell.
func Follow(home Node, device Coordinates) Coordinates {
	trust := int64(Whole - min(device.Error, Whole))
	part := func(from, to int64) int64 { return from + (to-from)*trust/(followers*Whole) }
	at := home.At
	for axis, middle := range home.Cell.Point() {
		at.X[axis] = bounded(part(at.X[axis], device.X[axis]), middle-HomeDrift, middle+HomeDrift)
	}
	return at
}

// ValidateHome checks that coordinates are some that the home of a known cell can have.
func (n Node) ValidateHome() error {
	if n.At.Height != cells.HopMicros || n.At.Error != 0 {
		return fmt.Errorf("%w: height is %d and error %d: of a cell they are %d and 0", ErrCoordinates, n.At.Height, n.At.Error, cells.HopMicros)
	}
	return n.validate(HomeDrift)
}

// Validate checks that coordinates are some that a device of a known cell can have.
func (n Node) Validate() error { return n.validate(MaxDrift) }

func (n Node) validate(drift int64) error {
	if !n.Cell.Known() {
		return fmt.Errorf("%w: without a cell, which is told from 1 to %d", ErrCoordinates, cells.Count)
	}
	for axis, middle := range n.Cell.Point() {
		if x := n.At.X[axis]; x < middle-drift || x > middle+drift {
			return fmt.Errorf("%w: x[%d] is %d: in %s it must be from %d to %d", ErrCoordinates, axis, x, n.Cell, middle-drift, middle+drift)
		}
	}
	if n.At.Height < MinHeight || n.At.Height > MaxHeight {
		return fmt.Errorf("%w: height is %d: it must be from %d to %d", ErrCoordinates, n.At.Height, MinHeight, MaxHeight)
	}
	if n.At.Error > Whole {
		return fmt.Errorf("%w: error is %d: it must be at most %d", ErrCoordinates, n.At.Error, Whole)
	}
	return nil
}

// Predict is how long a round trip between two nodes is expected to take, in microseconds: the more the two were measured, the
// more by their coordinates, and never less than light in fibre takes. It is the same both ways, and 0 only when a cell is not
// known. Both nodes must be valid.
func Predict(a, b Node) uint32 {
	prior := uint64(cells.RoundTrip(a.Cell, b.Cell))
	if prior == 0 {
		return 0
	}
	doubt := uint64(min(max(a.At.Error, b.At.Error), Whole))
	mixed := (prior*doubt + distance(a.At, b.At)*(Whole-doubt)) / Whole
	return uint32(max(mixed, uint64(cells.Bound(a.Cell, b.Cell)), 1))
}

// Step moves a device by one round trip that it measured to a peer, in microseconds from 1 to MaxRoundTrip, and returns where
// it is then. The peer stays where it is. Tie chooses the way out when both are at the same point: devices should
// differ in it. Both nodes must be valid; the result is so too.
func Step(own, peer Node, micros uint32, tie byte) Coordinates {
	measured := int64(min(max(micros, 1), MaxRoundTrip))
	expected := int64(distance(own.At, peer.At))
	// Who is surer of itself is moved less by a peer that is not.
	weight := int64(Whole) / 2
	if sum := int64(own.At.Error) + int64(peer.At.Error); sum > 0 {
		weight = int64(own.At.Error) * Whole / sum
	}
	moved := own.At
	wrong := min(max(measured-expected, expected-measured)*Whole/measured, Whole)
	moved.Error = uint32((wrong*weight + int64(own.At.Error)*(pace*Whole-weight)) / (pace * Whole))
	force := bounded((measured-expected)*weight/(pace*Whole), -MaxStep, MaxStep)
	away, heights := direction(own.At, peer.At, tie), own.At.Height+peer.At.Height
	length := int64(norm(away)) + heights
	for axis, middle := range own.Cell.Point() {
		moved.X[axis] = bounded(moved.X[axis]+force*away[axis]/length, middle-MaxDrift, middle+MaxDrift)
	}
	moved.Height = bounded(moved.Height+force*heights/length, MinHeight, MaxHeight)
	return moved
}

// direction leads away from the peer. At the same point it is along an axis, so that half of the way is sideways.
func direction(own, peer Coordinates, tie byte) (away [Dimensions]int64) {
	for axis := range away {
		away[axis] = own.X[axis] - peer.X[axis]
	}
	if away == [Dimensions]int64{} {
		way := own.Height + peer.Height
		if tie&1 == 1 {
			way = -way
		}
		away[int(tie>>1)%Dimensions] = way
	}
	return away
}

// distance of two devices in microseconds, at least 1.
func distance(a, b Coordinates) uint64 {
	var between [Dimensions]int64
	for axis := range between {
		between[axis] = a.X[axis] - b.X[axis]
	}
	return norm(between) + uint64(max(a.Height+b.Height, 1))
}

// norm is a vector's length, rounded down.
func norm(v [Dimensions]int64) uint64 {
	var square uint64
	for _, x := range v {
		square += uint64(x * x)
	}
	return cells.Root(square)
}

// bounded is the nearest number to n from low to high.
func bounded(n, low, high int64) int64 { return min(max(n, low), high) }
