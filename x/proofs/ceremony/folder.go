package ceremony

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/assaychain/assay/x/proofs/internal/mpc"
	"github.com/assaychain/assay/x/proofs/internal/wholefile"
)

const (
	phase1Dir = "phase1"
	phase2Dir = "phase2"
	sealName  = "seal.json"
	// startName is the state of phase 2 before its first contribution, which everybody can recompute.
	startName = "0000-start"
	suffix    = ".bin"
	// MaxContributions bounds the contributions to a phase.
	MaxContributions = 1000
	// maxFileSize bounds a contribution: far above what the largest domain takes.
	maxFileSize = 1 << 31
)

// contributionName is number and contributor: "0001-alice.bin".
var contributionName = regexp.MustCompile(`^(\d{4})-([a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?)\.bin$`)

// Tools is what a ceremony needs from outside.
type Tools struct {
	// Library is the version of the proof library.
	Library string
	// Circuits are this program's, in the order of its manifest.
	Circuits []Circuit
	// Beacon opens a beacon chain's verifier.
	Beacon func(BeaconChain) (Beacon, error)
	// Now is the time by which phases end.
	Now func() time.Time
	// Progress is told what a step does, in one line. It may be nil.
	Progress func(line string)
}

// Ceremony is a folder with a plan that fits this program.
type Ceremony struct {
	dir    string
	plan   Plan
	raw    []byte
	tools  Tools
	beacon Beacon
}

// Begin makes a folder for a plan. It refuses a folder that holds one already, and rounds that are due.
func Begin(dir string, plan Plan, tools Tools) (*Ceremony, error) {
	if err := plan.fits(tools.Library, tools.Circuits); err != nil {
		return nil, err
	}
	beacon, err := tools.Beacon(plan.Beacon)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	if late, when, err := due(beacon, plan.Phase1Round, tools.Now()); err != nil || late {
		return nil, errors.Join(err, fmt.Errorf("%w: phase 1 would end at %s, which is over", ErrPlan, when.Format(time.RFC3339)))
	}
	raw, err := plan.encode()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the ceremony's folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, PlanName)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s holds a ceremony already", ErrPlan, dir)
	}
	if err := writeFile(filepath.Join(dir, PlanName), raw); err != nil {
		return nil, err
	}
	return Open(dir, tools)
}

// Open reads a folder's plan.
func Open(dir string, tools Tools) (*Ceremony, error) {
	plan, raw, err := readPlan(dir)
	if err != nil {
		return nil, err
	}
	if err := plan.fits(tools.Library, tools.Circuits); err != nil {
		return nil, err
	}
	beacon, err := tools.Beacon(plan.Beacon)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	tools.Circuits = plan.chosen(tools.Circuits)
	return &Ceremony{dir: dir, plan: plan, raw: raw, tools: tools, beacon: beacon}, nil
}

// Plan is what was agreed on.
func (c *Ceremony) Plan() Plan { return c.plan }

// Phase is the one that is open: 1, 2, or 0 when both are sealed.
func (c *Ceremony) Phase() int {
	for phase, dir := range []string{phase1Dir, phase2Dir} {
		if _, err := os.Stat(filepath.Join(c.dir, dir, sealName)); err != nil {
			return phase + 1
		}
	}
	return 0
}

func (c *Ceremony) progress(format string, args ...any) {
	if c.tools.Progress != nil {
		c.tools.Progress(fmt.Sprintf(format, args...))
	}
}

// path is a file of the ceremony; parts are joined below its folder.
func (c *Ceremony) path(parts ...string) string {
	return filepath.Join(append([]string{c.dir}, parts...)...)
}

// contributions lists the contributions in a folder, which must be numbered without a gap.
func contributions(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTranscript, err)
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if name == startName+suffix || !strings.HasSuffix(name, suffix) {
			continue
		}
		if !contributionName.MatchString(name) {
			return nil, fmt.Errorf("%w: %s: a contribution's file is named like 0001-alice.bin", ErrTranscript, filepath.Join(dir, name))
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if want := fmt.Sprintf("%04d-", i+1); !strings.HasPrefix(name, want) {
			return nil, fmt.Errorf("%w: %s: the next number is %s", ErrTranscript, filepath.Join(dir, name), strings.TrimSuffix(want, "-"))
		}
	}
	return names, nil
}

// seal is a beacon round that ended a phase.
type seal struct {
	Round     uint64 `json:"round"`
	Signature string `json:"signature"`
}

// encode is the seal's only encoding.
func (s seal) encode() ([]byte, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode a seal: %w", err)
	}
	return append(raw, '\n'), nil
}

// readSeal reads and verifies the seal of a phase.
func (c *Ceremony) readSeal(phaseDir string, round uint64) (randomness [mpc.BeaconSize]byte, err error) {
	path := c.path(phaseDir, sealName)
	raw, err := readFile(path, maxPlanSize)
	if err != nil {
		return randomness, fmt.Errorf("%w: %w", ErrTranscript, err)
	}
	var s seal
	if err := json.Unmarshal(raw, &s); err != nil {
		return randomness, fmt.Errorf("%w: %s: %w", ErrTranscript, path, err)
	}
	if again, err := s.encode(); err != nil || !bytes.Equal(again, raw) {
		return randomness, fmt.Errorf("%w: %s is not as it was written", ErrTranscript, path)
	}
	if s.Round != round {
		return randomness, fmt.Errorf("%w: %s: round %d, the plan says %d", ErrTranscript, path, s.Round, round)
	}
	signature, err := decodeHex(s.Signature)
	if err != nil {
		return randomness, err
	}
	if randomness, err = c.beacon.Randomness(round, signature); err != nil {
		return randomness, fmt.Errorf("%w: %s: %w", ErrTranscript, path, err)
	}
	return randomness, nil
}

func (c *Ceremony) writeSeal(phaseDir string, round uint64, signature []byte) error {
	raw, err := seal{Round: round, Signature: hex.EncodeToString(signature)}.encode()
	if err != nil {
		return err
	}
	return writeFile(c.path(phaseDir, sealName), raw)
}

// writeFile writes a file that must not exist yet: two who contribute at a time must not overwrite each other.
func writeFile(path string, contents []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return wholefile.Create(path, contents, fileMode)
}

// fingerprint is the SHA-256 that contributors publish of their files.
func fingerprint(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
