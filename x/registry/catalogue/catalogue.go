// Package catalogue knows GPU models: what they are made of, as their vendors state it, and what that makes of a device: its class,
// its score as a device at the edge, and the precision that models should be stored at for it. It is pure: no state, no clock, integers only.
//
// The data are three tables in data/, described in data/README.md, each figure with its source.
package catalogue

import "fmt"

// Class is a class of hardware. The values are those of the registry's DeviceClass.
type Class uint8

// The classes.
const (
	CPU        Class = 1
	Edge       Class = 2
	Mobile     Class = 3
	Consumer   Class = 4
	Datacentre Class = 5
)

// classNames are the classes as the tables write them.
var classNames = [...]string{CPU: "cpu", Edge: "edge", Mobile: "mobile", Consumer: "consumer", Datacentre: "datacentre"}

// String is the class as the tables write it: "consumer".
func (c Class) String() string {
	if c < CPU || c > Datacentre {
		return fmt.Sprintf("class %d", uint8(c))
	}
	return classNames[c]
}

// Rank orders the classes by what a device of them must be able to do: 1 for phones, 2 for processors and boards at the edge, 3 for
// gaming and workstation GPUs, 4 for datacentre GPUs; 0 for what is no class. A device may claim a class of a lower rank than its model's.
func (c Class) Rank() uint8 {
	switch c {
	case Mobile:
		return 1
	case CPU, Edge:
		return 2
	case Consumer:
		return 3
	case Datacentre:
		return 4
	default:
		return 0
	}
}

// Backend is the programming interface a model is driven through. The values are those of the registry's Backend.
type Backend uint8

// The back ends.
const (
	BackendCPU    Backend = 1
	BackendCUDA   Backend = 2
	BackendROCm   Backend = 3
	BackendVulkan Backend = 4
	BackendMetal  Backend = 5
	BackendOneAPI Backend = 6
)

var backendNames = [...]string{
	BackendCPU: "cpu", BackendCUDA: "cuda", BackendROCm: "rocm", BackendVulkan: "vulkan", BackendMetal: "metal", BackendOneAPI: "oneapi",
}

// String is the back end as the tables write it: "cuda".
func (b Backend) String() string {
	if b < BackendCPU || b > BackendOneAPI {
		return fmt.Sprintf("backend %d", uint8(b))
	}
	return backendNames[b]
}

// Model is what is known of a GPU model. A figure that is 0 is not known, or there is none.
type Model struct {
	// Key names the model for good: lower-case letters, digits and single hyphens.
	Key string
	// Vendor makes the GPU: "NVIDIA".
	Vendor string
	// Name is the model as its vendor calls it: "NVIDIA GeForce RTX 4090".
	Name string
	// Architecture is the GPU's generation: "Ada Lovelace".
	Architecture string
	Class        Class
	// MemoryMiB is the most memory that is sold under the name, in MiB.
	MemoryMiB uint32
	// FP32 and FP16 are peak dense throughput in 10^9 floating-point operations a second, INT8 in 10^9 integer operations; a
	// multiply-accumulate is two. FP16 and INT8 are of matrix units where there are any. Sparsity counts for nothing.
	FP32, FP16, INT8 uint64
	// BandwidthMBps is the memory's, in 10^6 bytes a second.
	BandwidthMBps uint64
	// TDPWatts is the power that the vendor rates the board for.
	TDPWatts uint32
	// Released is the month in which it came to market: "2022-10".
	Released string
	// Backends drive it.
	Backends []Backend
	// Aliases are other names that drivers report it by.
	Aliases []string
	// Sources are the public pages that the figures are from.
	Sources []string
}

// Names are all names of the model in normal form: its name's and its aliases', without repetition.
func (m Model) Names() []string {
	names := make([]string, 0, 1+len(m.Aliases))
	for _, name := range append([]string{m.Name}, m.Aliases...) {
		normal := Normalise(name)
		known := false
		for _, other := range names {
			known = known || other == normal
		}
		if !known {
			names = append(names, normal)
		}
	}
	return names
}

// Catalogue is a set of models with unique keys and names.
type Catalogue struct {
	// models by key, ascending.
	models []Model
	// byName: normal form of a name → index in models.
	byName map[string]int
}

// New makes a catalogue. Models must be valid and in the order of their keys; errors name the model.
func New(models []Model) (*Catalogue, error) {
	c := &Catalogue{models: models, byName: make(map[string]int, 2*len(models))}
	for i, model := range models {
		if err := model.Validate(); err != nil {
			return nil, fmt.Errorf("model %q: %w", model.Key, err)
		}
		if i > 0 && models[i-1].Key >= model.Key {
			return nil, fmt.Errorf("model %q: keys must ascend, the one before is %q", model.Key, models[i-1].Key)
		}
		for _, name := range model.Names() {
			if other, taken := c.byName[name]; taken {
				return nil, fmt.Errorf("model %q: the name %q is that of %q", model.Key, name, models[other].Key)
			}
			c.byName[name] = i
		}
	}
	return c, nil
}

// Models returns all models by key, ascending. They must not be changed.
func (c *Catalogue) Models() []Model { return c.models }

// Lookup finds a model by any of its names, as drivers write them.
func (c *Catalogue) Lookup(name string) (Model, bool) {
	i, known := c.byName[Normalise(name)]
	if !known {
		return Model{}, false
	}
	return c.models[i], true
}
