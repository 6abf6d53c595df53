package config

import (
	"fmt"
	"strconv"
	"strings"
)

const hoursADay = 24

// ParseHours reads hours of the day in UTC, such as "22-6,12": from 22 to 6 o'clock, and the hour that begins at 12. It returns bit h for
// the hour that begins at h, and 0, which is all of them, for an empty text.
func ParseHours(text string) (hours uint32, err error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	for _, part := range strings.Split(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := parseHour(first, hoursADay-1)
		if err != nil {
			return 0, err
		}
		until := from + 1
		if isRange {
			if until, err = parseHour(last, hoursADay); err != nil {
				return 0, err
			}
		}
		if until == from {
			return 0, fmt.Errorf("%q begins and ends at %d: leave the hours empty for all of them", strings.TrimSpace(part), from)
		}
		for h := from; h%hoursADay != until%hoursADay || h == from; h++ {
			hours |= 1 << (h % hoursADay)
		}
	}
	return hours, nil
}

func parseHour(text string, most uint) (uint, error) {
	hour, err := strconv.ParseUint(strings.TrimSpace(text), 10, 8)
	if err != nil || uint(hour) > most {
		return 0, fmt.Errorf("%q is no hour from 0 to %d", strings.TrimSpace(text), most)
	}
	return uint(hour), nil
}
