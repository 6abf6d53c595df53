package device_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/device"
	"github.com/assaychain/assay/x/registry/cells"
)

func TestLocationsBecomeCells(t *testing.T) {
	for text, want := range map[string]cells.Cell{
		"51.5,-0.1": 522, " 1.29 , 103.85": 353, "-90,-180": 1, "90,180": 613, "-0.00001,0": 307, "0,-1e-9": 342,
	} {
		cell, err := device.ParseLocation(text)
		require.NoError(t, err, text)
		require.Equal(t, want, cell, text)
	}
}

func TestBadLocationsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"": "must be", "51.5": "must be", "London": "must be", "x,1": `latitude "x" is no number`, "1,y": `longitude "y" is no number`,
		"NaN,0": "is no number", "91,0": "latitude is 91 degrees: it must be from -90 to 90", "0,-180.5": "longitude is -180.5 degrees: it must be from -180 to 180",
		"Inf,0": "latitude is +Inf", "1,2,3": `longitude "2,3" is no number`,
	} {
		_, err := device.ParseLocation(text)
		require.ErrorContains(t, err, want, text)
	}
}
