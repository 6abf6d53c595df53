package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHoursAreRead(t *testing.T) {
	for text, want := range map[string]uint32{
		"": 0, " ": 0, "0": 1, "12": 1 << 12, "0-24": 1<<24 - 1, "22-2": 1<<22 | 1<<23 | 0b11, "22-0": 1<<22 | 1<<23, " 1 - 3 , 23": 0b110 | 1<<23,
	} {
		hours, err := ParseHours(text)
		require.NoError(t, err, text)
		require.Equal(t, want, hours, text)
	}
	for text, why := range map[string]string{
		"24": `"24" is no hour from 0 to 23`, "a": "no hour", "1-25": "from 0 to 24", "1,": "no hour", "-1": "no hour", "5-5": "begins and ends at 5", "1-2-3": "no hour",
	} {
		_, err := ParseHours(text)
		require.ErrorContains(t, err, why, text)
	}
}
