package planted

import (
	"maps"
	"reflect"
	"slices"
	"sync"
)

type balances map[string]int

func sums(plain map[string]int, named balances, shared *sync.Map) (sum int) {
	for _, value := range plain { // want `range over a map in consensus code`
		sum += value
	}
	for name := range named { // want `range over a map`
		sum += len(name)
	}
	for range maps.Keys(plain) { // want `use of maps.Keys in consensus code`
		sum++
	}
	for _, value := range slices.Collect(maps.Values(plain)) { // want `use of maps.Values`
		sum += value
	}
	for range maps.All(plain) { // want `use of maps.All`
		sum++
	}
	shared.Range(func(any, any) bool { return true }) // want `use of \(\*sync.Map\).Range`
	_ = reflect.ValueOf(plain).MapKeys()              // want `use of \(reflect.Value\).MapKeys`
	return sum
}

func total[M ~map[string]int](of M) (sum int) {
	for _, value := range of { // want `range over a map`
		sum += value
	}
	return sum
}

func keys[M balances | map[string]int](of M) (names []string) {
	for name := range of { // want `range over a map`
		names = append(names, name)
	}
	return names
}
