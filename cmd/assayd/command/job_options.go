package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/device"
	markettypes "github.com/assaychain/assay/x/market/types"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// runOptions are the flags of a new job.
type runOptions struct {
	followOptions
	samples           uint32
	assurance         string
	policy            string
	replicas          uint32
	agreement         uint32
	auditBps          uint32
	noAuditors        []string
	deadline          time.Duration
	maxPrice          string
	classes, backends []string
	minMemory         uint32
	tier              string
	location          string
	maxRoundTrip      time.Duration
	operators         []string
	pool              uint64
	attestedOnly      bool
	listen, advertise string
	locators          []string
	yes               bool
	// requirements is what the flags of devices say, level what --assurance says.
	requirements markettypes.Requirements
	// audit is what the flags of the policy audit say; nil under others.
	audit *markettypes.AuditTerms
	level markettypes.Assurance
}

func (o *runOptions) addFlags(cmd *cobra.Command) {
	o.addOrderFlags(cmd)
	addResultFlags(cmd)
	addFullStringFlag(cmd)
	o.followOptions.addFlags(cmd)
}

// addOrderFlags adds what a job is asked for with, whatever becomes of its result.
func (o *runOptions) addOrderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Uint32Var(&o.samples, "samples", defaultSamples, "positions to be proven, by default at least one a step, or of a model at most one a row; more cost the worker more and let less slip")
	f.StringVar(&o.assurance, flagAssurance, offered[0].Word(), assuranceHelp)
	o.addPolicyFlags(f)
	f.DurationVar(&o.deadline, "deadline", 10*time.Minute, "time until the last moment for a result's commitment")
	f.StringVar(&o.maxPrice, "max-price", "", "the most to pay, such as 50000uassay; without it the present price, after asking")
	f.StringSliceVar(&o.classes, "class", nil, "device classes that will do: cpu, edge, mobile, consumer, datacentre")
	f.StringSliceVar(&o.backends, "backend", nil, "backends that will do: cpu, cuda, rocm, vulkan, metal, oneapi")
	f.Uint32Var(&o.minMemory, "min-memory", 0, "memory that the device must have, in MiB")
	f.StringVar(&o.tier, "tier", jobTierNames[0], "what matters most: standard, economy (the price, it may take its time), fast (time) or realtime (time above all); each has its factor of the price")
	f.StringVar(&o.location, "location", "", `where the job is to be near to: latitude,longitude in degrees, such as 51.5,-0.1, of which only the cell of 10 by 10 degrees is told; or a cell, 1 to 648`)
	f.DurationVar(&o.maxRoundTrip, "max-round-trip", 0, "longest round trip between --location and the device, such as 40ms; 0 for any")
	f.StringSliceVar(&o.operators, "operators", nil, "addresses of the operators that may have the job (default all)")
	f.Uint64Var(&o.pool, "pool", 0, "pool whose operators may have the job, as \"assayd query registry pools\" lists them; not together with --operators (default all operators)")
	f.BoolVar(&o.attestedOnly, "attested-only", false, "only devices whose class a spot check has shown, and that proved something lately")
	f.StringVar(&o.listen, "serve", "127.0.0.1:0", "address to serve the inputs on while the command runs; empty not to")
	f.StringVar(&o.advertise, "advertise", "", "base URL at which workers reach --serve, such as http://my.host:8080")
	f.StringArrayVar(&o.locators, "locator", nil, "base URL at which the inputs lie as URL/blobs/ROOT (may be repeated)")
	f.BoolVarP(&o.yes, flags.FlagSkipConfirmation, "y", false, "accept the present price without asking")
	addSenderFlags(cmd)
}

// complete checks the flags before anything else is done.
func (o *runOptions) complete(cmd *cobra.Command) error {
	if err := o.completeOrder(cmd); err != nil {
		return err
	}
	if err := o.followOptions.complete(cmd); err != nil {
		return err
	}
	if o.result == "" {
		return usagef("-o is missing: name the file for the result (.npy)")
	}
	return nil
}

// completeOrder checks the flags that a job is asked for with.
func (o *runOptions) completeOrder(cmd *cobra.Command) error {
	if _, err := isJSON(cmd); err != nil {
		return err
	}
	if o.deadline <= 0 {
		return usagef("--deadline is %s: it must be in the future", o.deadline)
	}
	if o.listen == "" && len(o.locators) == 0 {
		return usagef("--serve is empty and no --locator is given: workers could not fetch the inputs")
	}
	if o.samples == 0 {
		return usagef("--samples is 0: it must be at least 1")
	}
	var err error
	if o.level, err = parseAssurance(o.assurance); err != nil {
		return err
	}
	if err := o.completePolicy(cmd); err != nil {
		return err
	}
	o.requirements.MinMemoryMib = o.minMemory
	if o.requirements.Classes, err = enumerate[registrytypes.DeviceClass]("--class", o.classes, "DEVICE_CLASS_", registrytypes.DeviceClass_value); err != nil {
		return err
	}
	if o.requirements.Backends, err = enumerate[registrytypes.Backend]("--backend", o.backends, "BACKEND_", registrytypes.Backend_value); err != nil {
		return err
	}
	return o.completePlacing()
}

// jobTierNames are the words of the tiers, in the order of the enumeration.
var jobTierNames = []string{"standard", "economy", "fast", "realtime"}

// completePlacing reads the flags of where and how quickly the job is to run.
func (o *runOptions) completePlacing() error {
	r := &o.requirements
	tier := slices.Index(jobTierNames, o.tier)
	if tier < 0 {
		return usagef("--tier is %q: it must be %s", o.tier, strings.Join(jobTierNames, ", "))
	}
	if o.maxRoundTrip < 0 || o.maxRoundTrip%time.Millisecond != 0 || o.maxRoundTrip > markettypes.RoundTripLimit*time.Millisecond {
		return usagef("--max-round-trip is %s: it must be whole milliseconds, at most %s", o.maxRoundTrip, markettypes.RoundTripLimit*time.Millisecond)
	}
	if o.maxRoundTrip > 0 && o.location == "" {
		return usagef("--max-round-trip is given without --location: name the place that it is counted from")
	}
	cell, err := cellOf(o.location)
	if err != nil {
		return usagef("--location is %q: %w", o.location, err)
	}
	r.Tier, r.Cell, r.MaxRoundTripMs, r.Operators = markettypes.JobTier(tier), cell, uint32(o.maxRoundTrip/time.Millisecond), o.operators
	if o.pool > 0 && len(o.operators) > 0 {
		return usagef("--pool and --operators are given: give one of them")
	}
	r.Pool, r.AttestedOnly = o.pool, o.attestedOnly
	return WithExitCode(ExitUsage, r.Validate())
}

// cellOf is the cell of a place, or the one that is named by its number; anywhere when nothing is given.
func cellOf(location string) (uint32, error) {
	if location == "" {
		return 0, nil
	}
	if number, err := strconv.ParseUint(location, 10, 32); err == nil {
		return uint32(number), nil
	}
	cell, err := device.ParseLocation(location)
	return uint32(cell), err
}

// defaultSamples is the number of positions proven unless the customer or the number of steps asks for more.
const defaultSamples = 4

// fitSamples fits an unchosen number of samples to the order: at least one a step, so that the chain samples every step; at the level
// full exactly that, a proof for each step; of a model at most one a row, each of which shows all steps.
func (o *runOptions) fitSamples(cmd *cobra.Command, order *customer.Order) {
	switch {
	case cmd.Flags().Changed("samples"):
	case o.level == markettypes.ASSURANCE_FULL:
		o.samples = uint32(len(order.Program.Steps))
	case o.level == markettypes.ASSURANCE_MODEL:
		if result, err := order.Program.Result(); err == nil {
			o.samples = min(o.samples, result.Rows)
		}
	default:
		o.samples = max(o.samples, uint32(len(order.Program.Steps)))
	}
}

// flagAssurance chooses how a result is proven.
const flagAssurance = "assurance"

// assuranceHelp says what a customer chooses between.
const assuranceHelp = "how the result is proven: sampled (drawn entries, in zero knowledge, the inputs stay private), revealed (drawn entries, in the clear, quicker and cheaper for the worker; the opened rows of the inputs become public), full (every entry of every step; takes the network's reference string: see 'assayd circuits full --help') or model (whole rows through a network that the chain knows, in zero knowledge)"

// offered are the levels of assurance that these commands know, the default first.
var offered = []markettypes.Assurance{
	markettypes.ASSURANCE_SAMPLED, markettypes.ASSURANCE_REVEALED, markettypes.ASSURANCE_FULL, markettypes.ASSURANCE_MODEL,
}

// parseAssurance reads the word of a level.
func parseAssurance(word string) (markettypes.Assurance, error) {
	words := make([]string, len(offered))
	for i, level := range offered {
		if words[i] = level.Word(); words[i] == word {
			return level, nil
		}
	}
	return 0, usagef("--%s is %q: it must be %s or %s", flagAssurance, word, strings.Join(words[:len(words)-1], ", "), words[len(words)-1])
}

// enumerate reads names of an enumeration without their prefix.
func enumerate[E ~int32](flag string, names []string, prefix string, values map[string]int32) ([]E, error) {
	var out []E
	for _, name := range names {
		value := values[prefix+strings.ToUpper(name)]
		if value == 0 {
			return nil, usagef("%s: there is no %q", flag, name)
		}
		out = append(out, E(value))
	}
	return out, nil
}

// checkWritable refuses a file that could not be written later, when the job is paid.
func checkWritable(flag, path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usagef("%s: %s is a folder", flag, path)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".writable-*")
	if err != nil {
		return usagef("%s: %w", flag, err)
	}
	if err := probe.Close(); err != nil {
		return usagef("%s: %w", flag, err)
	}
	if err := os.Remove(probe.Name()); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}
