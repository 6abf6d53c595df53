// Package netsim simulates a network of devices and a day of the jobs that arrive on it, under one of several policies of who gets a job: the
// chain's own scheduler, and others to compare it with. It is driven by events, runs without a chain, and repeats itself: the same
// configuration gives the same figures to the last digit.
//
// What the simulation takes from elsewhere: the GPUs' figures from the registry's catalogue, the choice of a device from the market's
// scheduler, the record of a device from the registry's reputation. What it makes up is in the tables of places.go, models.go, prices.go and
// jobs.go, each number with its source, or marked as assumed.
package netsim

import "fmt"

// Limits of a configuration.
const (
	// MinDevices leave a few of each class; MaxDevices are held in some 200 MB.
	MinDevices, MaxDevices = 200, 1_000_000
	// MaxHours is a week.
	MaxHours = 168
	// MaxJobsPerDevice a day is far above what a network can serve.
	MaxJobsPerDevice = 200
)

// Config says what to simulate.
type Config struct {
	// Devices in the network, MinDevices to MaxDevices.
	Devices int
	// Hours of arrivals, 1 to MaxHours; jobs that arrived are followed to their end beyond that.
	Hours int
	// JobsPerDevice arrive a day, on the average, above 0 and at most MaxJobsPerDevice.
	JobsPerDevice float64
	// FailuresPerHour of a device that runs, 0 to 1.
	FailuresPerHour float64
	// Seed of everything random.
	Seed uint64
}

// Default is the network of the issue: 100,000 devices, a day, 5% of them failing every hour.
func Default() Config {
	return Config{Devices: 100_000, Hours: 24, JobsPerDevice: 10, FailuresPerHour: 0.05, Seed: 1}
}

// Validate refuses what can't be simulated; the error names the field and its limits.
func (c Config) Validate() error {
	switch {
	case c.Devices < MinDevices || c.Devices > MaxDevices:
		return fmt.Errorf("devices is %d: it must be from %d to %d", c.Devices, MinDevices, MaxDevices)
	case c.Hours < 1 || c.Hours > MaxHours:
		return fmt.Errorf("hours is %d: it must be from 1 to %d", c.Hours, MaxHours)
	case !(c.JobsPerDevice > 0 && c.JobsPerDevice <= MaxJobsPerDevice):
		return fmt.Errorf("jobs a device and day is %g: it must be above 0 and at most %d", c.JobsPerDevice, MaxJobsPerDevice)
	case !(c.FailuresPerHour >= 0 && c.FailuresPerHour <= 1):
		return fmt.Errorf("failures an hour is %g: it must be from 0 to 1", c.FailuresPerHour)
	}
	return nil
}

// The policies by name.
const (
	// Ours is the chain's scheduler.
	Ours = "ours"
	// Random takes any device that will do.
	Random = "random"
	// Cheapest takes the cheapest device that will do, wherever it is.
	Cheapest = "cheapest"
	// Auction asks every device, each of which bids: the fastest wins jobs that wait for an answer, the cheapest the others.
	Auction = "auction"
	// Datacentre takes the cheapest device of a datacentre, at what clouds list.
	Datacentre = "datacentre"
	// Marketplace does the same at what marketplaces ask.
	Marketplace = "marketplace"
)

// Policies are all names, ours first.
func Policies() []string { return []string{Ours, Random, Cheapest, Auction, Datacentre, Marketplace} }
