// Package ceremony runs the multi-party setup of the circuits' keys in a folder that its participants pass on: who contributes adds
// a file and forgets a secret, and the keys are sound if a single contributor did forget. A beacon round that was named before anybody
// contributed seals each of the two phases, so that nobody chooses last. Everything can be recomputed from the folder, and the hash of
// its transcript names the keys in a genesis. Not consensus code.
package ceremony

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/internal/mpc"
	"github.com/assaychain/assay/x/proofs/internal/proving"
)

const (
	// PlanName is the file that every participant agrees on before anybody contributes.
	PlanName = "ceremony.json"
	// planFormat is the only version of the file.
	planFormat = 1
	// maxPlanSize bounds what is read of it.
	maxPlanSize = 1 << 16

	dirMode  fs.FileMode = 0o755
	fileMode fs.FileMode = 0o644
)

var (
	// ErrPlan is wrapped when a plan is missing, malformed or for other circuits than this program's.
	ErrPlan = errors.New("ceremony plan")
	// ErrOrder is wrapped by a step that is not due: a contribution after its phase's round, a seal without contributions.
	ErrOrder = errors.New("ceremony step out of order")
	// ErrTranscript is wrapped when a file of the folder is not what it must be; the message names it.
	ErrTranscript = errors.New("ceremony transcript")
)

// Circuit is a circuit that keys are made for.
type Circuit struct {
	circuits.Circuit
	// Compile gives its constraint system, whose checksum is the circuit's.
	Compile func() (proving.System, error)
}

// BeaconChain describes the beacon whose rounds seal the phases, as drand's /info endpoint serves it.
type BeaconChain struct {
	PublicKey string `json:"public_key"`
	Period    uint32 `json:"period"`
	Genesis   int64  `json:"genesis_time"`
	Scheme    string `json:"scheme"`
}

// Beacon verifies the rounds of a chain.
type Beacon interface {
	// TimeOf is when a round is due, in Unix seconds.
	TimeOf(round uint64) (int64, error)
	// Randomness verifies a round's signature and derives its randomness.
	Randomness(round uint64, signature []byte) ([mpc.BeaconSize]byte, error)
}

// Plan is what is fixed before the first contribution.
type Plan struct {
	Format int `json:"format"`
	// Library is the version of the proof library: another one could compile other circuits.
	Library string `json:"library"`
	// Domain is the circuits' number of constraints, rounded up to a power of two: the same for all.
	Domain   uint64        `json:"domain"`
	Circuits []PlanCircuit `json:"circuits"`
	Beacon   BeaconChain   `json:"beacon"`
	// Rounds seal the phases. Contributions to a phase end when its round is due.
	Phase1Round uint64 `json:"phase1_round"`
	Phase2Round uint64 `json:"phase2_round"`
}

// PlanCircuit names a circuit and its compiled form.
type PlanCircuit struct {
	ID          string `json:"id"`
	Constraints int    `json:"constraints"`
	SHA256      string `json:"sha256"`
}

// NewPlan describes a ceremony for circuits whose phases end with two beacon rounds, the first earlier than the second.
func NewPlan(library string, all []Circuit, chain BeaconChain, phase1, phase2 uint64) (Plan, error) {
	plan := Plan{Format: planFormat, Library: library, Beacon: chain, Phase1Round: phase1, Phase2Round: phase2}
	for _, circuit := range all {
		domain, err := mpc.Domain(circuit.Constraints)
		if err != nil {
			return Plan{}, fmt.Errorf("%w: %s: %w", ErrPlan, circuit.ID, err)
		}
		if plan.Domain != 0 && domain != plan.Domain {
			return Plan{}, fmt.Errorf("%w: %s needs a domain of %d, the circuits before it %d: run a ceremony for each size", ErrPlan, circuit.ID, domain, plan.Domain)
		}
		plan.Domain = domain
		plan.Circuits = append(plan.Circuits, PlanCircuit{circuit.ID, circuit.Constraints, circuit.SHA256})
	}
	if len(plan.Circuits) == 0 {
		return Plan{}, fmt.Errorf("%w: no circuits", ErrPlan)
	}
	if phase1 == 0 || phase1 >= phase2 {
		return Plan{}, fmt.Errorf("%w: phase 1 ends with round %d and phase 2 with round %d: the second must be later", ErrPlan, phase1, phase2)
	}
	return plan, nil
}

// encode is the plan's only encoding.
func (p Plan) encode() ([]byte, error) {
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	return append(raw, '\n'), nil
}

// readPlan reads a folder's plan.
func readPlan(dir string) (plan Plan, raw []byte, err error) {
	if raw, err = readFile(filepath.Join(dir, PlanName), maxPlanSize); err != nil {
		return Plan{}, nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&plan); err != nil {
		return Plan{}, nil, fmt.Errorf("%w: %s: %w", ErrPlan, PlanName, err)
	}
	if again, err := plan.encode(); err != nil || !bytes.Equal(again, raw) {
		return Plan{}, nil, fmt.Errorf("%w: %s is not as it was written", ErrPlan, PlanName)
	}
	return plan, raw, nil
}

// chosen are the plan's circuits among those that a program has.
func (p Plan) chosen(all []Circuit) []Circuit {
	return slices.DeleteFunc(slices.Clone(all), func(c Circuit) bool {
		return !slices.ContainsFunc(p.Circuits, func(named PlanCircuit) bool { return named.ID == c.ID })
	})
}

// fits checks a plan against what this program would make of the same circuits.
func (p Plan) fits(library string, all []Circuit) error {
	chosen := p.chosen(all)
	if len(chosen) == 0 && len(p.Circuits) > 0 {
		return foreign(library)
	}
	own, err := NewPlan(library, chosen, p.Beacon, p.Phase1Round, p.Phase2Round)
	if err != nil {
		return err
	}
	mine, err := own.encode()
	if err != nil {
		return err
	}
	theirs, err := p.encode()
	if err != nil {
		return err
	}
	if !bytes.Equal(mine, theirs) {
		return foreign(library)
	}
	return nil
}

// foreign tells that a plan is not of this program's circuits.
func foreign(library string) error {
	return fmt.Errorf("%w: it is for other circuits or another version than this program's (%s); use the program that began it", ErrPlan, library)
}

// due tells whether a round's time has come.
func due(beacon Beacon, round uint64, now time.Time) (bool, time.Time, error) {
	at, err := beacon.TimeOf(round)
	if err != nil {
		return false, time.Time{}, fmt.Errorf("%w: round %d: %w", ErrPlan, round, err)
	}
	when := time.Unix(at, 0).UTC()
	return !now.Before(when), when, nil
}

// decodeHex reads a hexadecimal signature.
func decodeHex(text string) ([]byte, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: signature %q is no hexadecimal number", ErrTranscript, text)
	}
	return raw, nil
}

// readFile reads a file of at most so many bytes.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%s: %d bytes, at most %d are read", path, info.Size(), limit)
	}
	return os.ReadFile(path)
}
