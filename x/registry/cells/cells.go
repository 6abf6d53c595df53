// Package cells divides the Earth into a coarse grid and tells how long light, and data, take from cell to cell. It is
// pure: integers alone, no state, no SDK.
//
// A cell is all that the network learns of where a device is: 10 by 10 degrees, up to 1,100 by 1,100 km, and less towards
// the poles.
package cells

import (
	"errors"
	"fmt"
)

const (
	// Count is the number of cells: they are numbered from 1, in rows from west to east, from the South Pole upwards.
	Count = rows * columns
	// Degrees is the side of a cell.
	Degrees = 10

	rows    = 180 / Degrees
	columns = 360 / Degrees
	// tenThousandths is a degree in the unit of coordinates.
	tenThousandths = 10_000
)

// Nowhere is the cell of what did not tell where it is.
const Nowhere Cell = 0

// ErrLocation marks a place or a cell that is outside the grid.
var ErrLocation = errors.New("location outside the grid")

// Cell is a cell's number, from 1 to Count; Nowhere when it was not told.
type Cell uint16

// Box is what a cell covers, in 10^-4 degrees: from South and West, which belong to it, to North and East, which don't, except
// that the northernmost row holds the pole.
type Box struct {
	South, West, North, East int32
}

// At returns the cell of a place in 10^-4 degrees: latitude from -900,000 to 900,000, longitude from -1,800,000 to 1,800,000,
// whose ends are the same meridian and so in the same cell.
func At(latE4, lonE4 int32) (Cell, error) {
	const pole, date = 90 * tenThousandths, 180 * tenThousandths
	if latE4 < -pole || latE4 > pole {
		return Nowhere, fmt.Errorf("%w: latitude is %s degrees: it must be from -90 to 90", ErrLocation, degrees(latE4))
	}
	if lonE4 < -date || lonE4 > date {
		return Nowhere, fmt.Errorf("%w: longitude is %s degrees: it must be from -180 to 180", ErrLocation, degrees(lonE4))
	}
	row := min((latE4+pole)/(Degrees*tenThousandths), rows-1)
	column := (lonE4 + date) / (Degrees * tenThousandths) % columns
	return Cell(1 + row*columns + column), nil
}

// degrees writes a number of 10^-4 degrees.
func degrees(e4 int32) string {
	sign, size := "", int64(e4)
	if size < 0 {
		sign, size = "-", -size
	}
	return fmt.Sprintf("%s%d.%04d", sign, size/tenThousandths, size%tenThousandths)
}

// Validate refuses what is neither a cell nor Nowhere.
func (c Cell) Validate() error {
	if c > Count {
		return fmt.Errorf("%w: cell %d: cells are from 1 to %d, and 0 when it is not told", ErrLocation, c, Count)
	}
	return nil
}

// Known tells whether c is a cell of the grid.
func (c Cell) Known() bool { return c >= 1 && c <= Count }

// Bounds returns what a cell covers. Of what is no cell it is the zero Box.
func (c Cell) Bounds() Box {
	if !c.Known() {
		return Box{}
	}
	south, west := c.south()*tenThousandths, c.west()*tenThousandths
	return Box{South: south, West: west, North: south + Degrees*tenThousandths, East: west + Degrees*tenThousandths}
}

// String writes what a cell covers, such as "cell 519 (50..60 N, 0..10 E)".
func (c Cell) String() string {
	if !c.Known() {
		return fmt.Sprintf("cell %d", uint16(c))
	}
	return fmt.Sprintf("cell %d (%s, %s)", uint16(c), span(c.south(), "S", "N"), span(c.west(), "W", "E"))
}

// span writes a side of a cell by its lower end in degrees.
func span(from int32, below, above string) string {
	if from < 0 {
		return fmt.Sprintf("%d..%d %s", -from-Degrees, -from, below)
	}
	return fmt.Sprintf("%d..%d %s", from, from+Degrees, above)
}

// row and column count from 0.
func (c Cell) row() int32    { return int32(c-1) / columns }
func (c Cell) column() int32 { return int32(c-1) % columns }

// south and west are a cell's lower ends in degrees.
func (c Cell) south() int32 { return c.row()*Degrees - 90 }
func (c Cell) west() int32  { return c.column()*Degrees - 180 }

// apart is how many columns lie between two cells' meridians the shorter way round: from 0 to half of all.
func apart(a, b Cell) int32 {
	way := max(a.column()-b.column(), b.column()-a.column())
	return min(way, columns-way)
}
