package device

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assaychain/assay/x/registry/cells"
)

// errLocation says how a place is written.
var errLocation = errors.New(`it must be "latitude,longitude" in degrees, north and east positive, such as "51.5,-0.1"`)

// ParseLocation returns the cell of a place, written as latitude and longitude in degrees. The place itself need go no farther.
func ParseLocation(text string) (cells.Cell, error) {
	first, second, found := strings.Cut(text, ",")
	if !found {
		return cells.Nowhere, errLocation
	}
	latitude, err := parseDegrees("latitude", first, 90)
	if err != nil {
		return cells.Nowhere, err
	}
	longitude, err := parseDegrees("longitude", second, 180)
	if err != nil {
		return cells.Nowhere, err
	}
	return cells.At(latitude, longitude)
}

// parseDegrees reads degrees, from −limit to limit, as 10^-4 degrees, rounded down.
func parseDegrees(name, text string, limit float64) (int32, error) {
	degrees, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(degrees) {
		return 0, fmt.Errorf("%s %q is no number: %w", name, strings.TrimSpace(text), errLocation)
	}
	if degrees < -limit || degrees > limit {
		return 0, fmt.Errorf("%w: %s is %g degrees: it must be from %g to %g", cells.ErrLocation, name, degrees, -limit, limit)
	}
	return int32(math.Floor(degrees * 10_000)), nil
}
