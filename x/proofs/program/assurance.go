package program

import (
	"fmt"
	"strings"
)

// assurancePrefix is what the schema puts before every level.
const assurancePrefix = "ASSURANCE_"

// Word names a level of assurance as people read and write it: "sampled".
func (a Assurance) Word() string {
	return strings.ToLower(strings.TrimPrefix(a.String(), assurancePrefix))
}

// ParseAssurance reads the word of a level, whether a chain offers it or not; the error wraps ErrArgument.
func ParseAssurance(word string) (Assurance, error) {
	level, known := Assurance_value[assurancePrefix+strings.ToUpper(word)]
	if !known || word != strings.ToLower(word) {
		return 0, fmt.Errorf("%w: %q must be sampled, revealed, full or model", ErrArgument, word)
	}
	return Assurance(level), nil
}
