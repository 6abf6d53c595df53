package types

import (
	"bytes"

	"github.com/assaychain/assay/x/registry/cells"
	"github.com/assaychain/assay/x/registry/coordinates"
)

// Bounds of the rules for where devices are.
const (
	// CellsLimit bounds the cells that a search visits: all of them.
	CellsLimit = cells.Count
	// RoundTripsLimit bounds the round trips of a report.
	RoundTripsLimit = 64
	// MinReportSeconds and MaxReportSeconds bound the time between two reports: a minute to a week.
	MinReportSeconds, MaxReportSeconds = 60, 7 * 24 * 3600
	// MinLongestMs and MaxLongestMs bound the longest round trip that may be reported, in milliseconds. Below the least one,
	// half a second, the other side of the Earth would be out of reach.
	MinLongestMs, MaxLongestMs = 500, coordinates.MaxRoundTrip / 1_000
)

// DefaultLocationRules search 32 cells, and take 16 round trips of up to 5 seconds an hour.
func DefaultLocationRules() LocationRules {
	return LocationRules{MaxCells: 32, MaxRoundTrips: 16, ReportSeconds: 3_600, MaxRoundTripMs: 5_000}
}

// Validate checks every field against its bounds.
func (r LocationRules) Validate() error {
	for _, field := range []struct {
		name               string
		value, least, most uint64
	}{
		{"max_cells", uint64(r.MaxCells), 1, CellsLimit},
		{"max_round_trips", uint64(r.MaxRoundTrips), 1, RoundTripsLimit},
		{"report_seconds", r.ReportSeconds, MinReportSeconds, MaxReportSeconds},
		{"max_round_trip_ms", uint64(r.MaxRoundTripMs), MinLongestMs, MaxLongestMs},
	} {
		if field.value < field.least || field.value > field.most {
			return ErrParams.Wrapf("location.%s is %d: it must be from %d to %d", field.name, field.value, field.least, field.most)
		}
	}
	return nil
}

// Around is a search for offered devices of a class from a home outwards: at most Limit of them, and at most PerCell of each cell before further
// ones of the same cells.
type Around struct {
	Class DeviceClass
	// Home is a cell; 0 for anywhere.
	Home           uint32
	Limit, PerCell uint32
}

// ValidateCell checks that a field names a cell of the grid, or none.
func ValidateCell(field string, cell uint32) error {
	if cell > cells.Count {
		return ErrLocation.Wrapf("%s is %d: cells are from 1 to %d, and 0 when it is not told", field, cell, cells.Count)
	}
	return nil
}

// Node is where the device is in the network: the middle of its cell until it was measured.
func (d Device) Node() coordinates.Node {
	node := coordinates.Node{Cell: cells.Cell(d.Cell)}
	if d.Coordinates == nil {
		node.At = coordinates.New(node.Cell)
		return node
	}
	node.At = d.Coordinates.At()
	return node
}

// At reads coordinates as the arithmetic has them.
func (c Coordinates) At() coordinates.Coordinates {
	return coordinates.Coordinates{X: [coordinates.Dimensions]int64{c.X, c.Y, c.Z}, Height: int64(c.Height), Error: c.ErrorBps}
}

// Validate checks that coordinates are some that a device in a cell can have.
func (c Coordinates) Validate(cell uint32) error { return c.check(cell, coordinates.Node.Validate) }

// ValidateHome checks that coordinates are some that a cell itself can have.
func (c Coordinates) ValidateHome(cell uint32) error {
	return c.check(cell, coordinates.Node.ValidateHome)
}

func (c Coordinates) check(cell uint32, valid func(coordinates.Node) error) error {
	if c.Height > coordinates.MaxHeight {
		return ErrField.Wrapf("coordinates: height is %d: it must be at most %d", c.Height, coordinates.MaxHeight)
	}
	if err := valid(coordinates.Node{Cell: cells.Cell(cell), At: c.At()}); err != nil {
		return ErrField.Wrapf("coordinates: %s", err)
	}
	return nil
}

// NewCoordinates writes coordinates as the chain stores them.
func NewCoordinates(at coordinates.Coordinates) *Coordinates {
	return &Coordinates{X: at.X[0], Y: at.X[1], Z: at.X[2], Height: uint64(at.Height), ErrorBps: at.Error}
}

// RoundTripFrom predicts how long data takes from a place to the device and back, in microseconds: by the prior of the cells, and
// the more the device has measured, the more by its coordinates; never less than light in fibre takes. It is 0, not known, when
// the home is no cell of the grid or the device told none. The keeper's Place has a cell's home.
func (d Device) RoundTripFrom(home coordinates.Node) uint32 {
	return coordinates.Predict(home, d.Node())
}

// validateLocation checks that a device's cell is one, and that it is where measurements can have led it.
func (d Device) validateLocation() error {
	if err := ValidateCell("cell", d.Cell); err != nil {
		return err
	}
	if d.Coordinates == nil {
		return nil
	}
	if d.MeasuredAt == 0 {
		return ErrField.Wrap("coordinates without measured_at: they are learnt from reports")
	}
	return d.Coordinates.Validate(d.Cell)
}

// validateCellPoints checks that every point is a cell's, one a cell, in the order of the cells.
func (g GenesisState) validateCellPoints() error {
	for i, point := range g.CellPoints {
		if i > 0 && point.Cell <= g.CellPoints[i-1].Cell {
			return ErrGenesis.Wrapf("cell_points[%d] is of cell %d: they must be ascending, each cell once", i, point.Cell)
		}
		if err := ValidateCell("cell", point.Cell); err != nil {
			return ErrGenesis.Wrapf("cell_points[%d]: %s", i, err)
		}
		if err := point.Coordinates.ValidateHome(point.Cell); err != nil {
			return ErrGenesis.Wrapf("cell_points[%d]: %s", i, err)
		}
	}
	return nil
}

// Moved is the device in another cell: what it measured elsewhere is forgotten, when it measured is not.
func (d Device) Moved(cell uint32) Device {
	if d.Cell != cell {
		d.Cell, d.Coordinates = cell, nil
	}
	return d
}

// ValidateRoundTrips checks a report's form: from one round trip to as many as the rules take, ascending by device, each once, none
// longer than the rules take.
func (r LocationRules) ValidateRoundTrips(trips []RoundTrip) error {
	if len(trips) < 1 || len(trips) > int(r.MaxRoundTrips) {
		return ErrRoundTrip.Wrapf("round_trips has %d entries: give from 1 to %d", len(trips), r.MaxRoundTrips)
	}
	for i, trip := range trips {
		if err := ValidateDeviceID(trip.Device); err != nil {
			return ErrRoundTrip.Wrapf("round_trips[%d]: %s", i, err)
		}
		if i > 0 && bytes.Compare(trips[i-1].Device, trip.Device) >= 0 {
			return ErrRoundTrip.Wrapf("round_trips[%d] is of device %x: they must be ascending by device, each once", i, trip.Device)
		}
		if limit := uint64(r.MaxRoundTripMs) * 1_000; trip.Micros < 1 || uint64(trip.Micros) > limit {
			return ErrRoundTrip.Wrapf("round_trips[%d] took %d µs: it must be from 1 to %d", i, trip.Micros, limit)
		}
	}
	return nil
}
