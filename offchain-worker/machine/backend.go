// Package machine is what a worker computes with: the processor, and the accelerators that its back ends find, each tested,
// measured, and matched to the piece of hardware that the chain knows.
package machine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/device"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// Auto in the configuration's list of back ends stands for all that there are.
const Auto = "auto"

// Backend is a way to compute on accelerators.
type Backend struct {
	// Name is what the configuration calls it: "cuda".
	Name string
	// Chain is what the chain calls it on a model of accelerator that no source of devices knows.
	Chain func(model string) registrytypes.Backend
	// Open makes a kernel on each accelerator that the back end can use. An error says why some, or all, can't be used; it may
	// come with those that can.
	Open func(ctx context.Context, site Site) ([]compute.Accelerator, error)
}

// Site is what a back end is told of the machine.
type Site struct {
	// Identity is unique to the machine, and empty if it has none.
	Identity string
}

// Status is what became of a back end.
type Status string

// The statuses.
const (
	// StatusUsed is a back end with at least one accelerator that passed its test.
	StatusUsed Status = "used"
	// StatusUnavailable is one that found nothing to compute on, or nothing that works.
	StatusUnavailable Status = "unavailable"
	// StatusOff is one that the configuration leaves out.
	StatusOff Status = "off"
)

// BackendReport tells of a back end.
type BackendReport struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Reason says why it, or a part of it, is not used; empty if there is nothing to say.
	Reason string `json:"reason,omitempty"`
	// Wanted tells that the configuration names it, rather than taking whatever is there.
	Wanted bool `json:"wanted"`
	// Accelerators are all that it found.
	Accelerators []AcceleratorReport `json:"accelerators"`
}

// AcceleratorReport tells of an accelerator.
type AcceleratorReport struct {
	Name      string `json:"name"`
	UUID      string `json:"uuid,omitempty"`
	Kernel    string `json:"kernel"`
	MemoryMiB uint64 `json:"memory_mib"`
	// GMACs is the measured speed in 10^9 multiply-accumulates a second with every result checked, 0 if it was not measured.
	GMACs float64 `json:"gmacs"`
	// CheckShare is the part of the measured time that the checks took, 0 to 1.
	CheckShare float64 `json:"check_share"`
	// Serves tells that jobs are computed on it. If not, Reason says why.
	Serves bool   `json:"serves"`
	Reason string `json:"reason,omitempty"`
}

// choose returns the back ends to open, in the order of the list, and a report for each that is left out. The list names
// back ends, or has Auto in the place of all that it does not name.
func choose(all []Backend, list []string) (chosen []Backend, off []BackendReport, err error) {
	known := make([]string, len(all))
	for i, one := range all {
		known[i] = one.Name
	}
	named := make(map[string]bool)
	for _, name := range list {
		if at := slices.Index(known, name); at >= 0 && !named[name] {
			named[name] = true
		} else if name != Auto || named[name] {
			return nil, nil, fmt.Errorf("devices.backends: %q is no back end of this build, or named twice: there are %s and %s", name, strings.Join(known, ", "), Auto)
		} else {
			named[Auto] = true
		}
	}
	for _, name := range list {
		for _, one := range all {
			if one.Name == name || name == Auto && !named[one.Name] {
				chosen = append(chosen, one)
			}
		}
	}
	for _, one := range all {
		if !named[one.Name] && !named[Auto] {
			off = append(off, BackendReport{Name: one.Name, Status: StatusOff, Reason: "devices.backends leaves it out"})
		}
	}
	return chosen, off, nil
}

// describe makes a device of an accelerator that no source knows.
func (b Backend) describe(found compute.Accelerator) device.Device {
	memory := uint32(min(found.Memory>>20, 1<<32-1))
	return device.Device{
		UUID: found.UUID, Model: device.Shorten(found.Name), Class: device.ClassOf(found.Name, memory), Backend: b.Chain(found.Name),
		MemoryMiB: memory,
	}
}
