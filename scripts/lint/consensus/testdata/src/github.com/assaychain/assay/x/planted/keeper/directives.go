package keeper

import "time"

func excused(values map[string]int) (sum int) {
	//lint:consensus the order does not matter: values are summed
	for _, value := range values {
		sum += value
	}
	started := time.Now() //lint:consensus shown to the operator only
	_ = started
	for range values { // want `range over a map`
		_ = sum // want +1 `excuses nothing on its line`
		sum++   //lint:consensus this line has no finding
	}
	_ = sum // want +1 `needs a reason after it`
	//lint:consensus
	for range values { // want `range over a map`
	}
	return sum
}
