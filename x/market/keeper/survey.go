package keeper

import (
	"fmt"
	"strings"

	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/market/scheduler"
)

// unlimited is a price above any other: 2^40 multiply-accumulates at the highest price a device may ask stay far below it.
func unlimited() math.Int { return math.NewIntWithDecimal(1, 60) }

// reasons tells why the devices of a survey were refused, such as ", 2 busy, 1 jailed".
func reasons(survey scheduler.Survey) string {
	var b strings.Builder
	for i, n := range survey.Refused {
		if n > 0 {
			fmt.Fprintf(&b, ", %d %s", n, scheduler.Refusal(i))
		}
	}
	return b.String()
}
