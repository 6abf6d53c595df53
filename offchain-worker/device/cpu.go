package device

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// CPU is the source of the machine's processor.
type CPU struct {
	// idFile keeps the identity of a machine that has none of its own.
	idFile string
	// root is the file system's root, elsewhere in tests.
	root string
	// meter reads the power; it remembers the last reading.
	meter meter
}

var _ Source = (*CPU)(nil)

// NewCPU makes the source; home is where an identity is kept if the system has no machine id.
func NewCPU(home string) *CPU { return &CPU{idFile: filepath.Join(home, "machine_id"), root: "/"} }

// Devices is the processor as one device.
func (c *CPU) Devices(context.Context) ([]Device, error) {
	uuid, err := c.identity()
	if err != nil {
		return nil, err
	}
	return []Device{{
		UUID: uuid, Model: c.model(), Class: registrytypes.DEVICE_CLASS_CPU,
		Backend: registrytypes.BACKEND_CPU, MemoryMiB: c.memory(),
	}}, nil
}

// Telemetry of the processor: its temperature, its power and its load, as far as the system shows them.
func (c *CPU) Telemetry(ctx context.Context, _ string) (Telemetry, error) {
	telemetry := Unknown()
	telemetry.TemperatureC = c.temperature()
	telemetry.PowerW = c.power(ctx)
	telemetry.UtilisationPercent = c.load()
	fields := c.meminfo()
	if total, free := fields["MemTotal"], fields["MemAvailable"]; total > 0 && total >= free {
		telemetry.MemoryUsedMiB = float64(total-free) / 1024
	}
	return telemetry, nil
}

// identity is a hash of the system's machine id, which must not leave the machine, together with the worker's home, so
// that two workers of one machine are two devices only if their homes are. Without a machine id it is random, and kept.
func (c *CPU) identity() (string, error) {
	if kept, err := os.ReadFile(c.idFile); err == nil {
		if id := strings.TrimSpace(string(kept)); len(id) == 32 {
			return "CPU-" + id, nil
		}
		return "", fmt.Errorf("%s: 32 hexadecimal characters expected: restore it, or remove it to become a new device", c.idFile)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("device identity: %w", err)
	}
	id, err := c.newIdentity()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(c.idFile), 0o700); err != nil {
		return "", fmt.Errorf("device identity: %w", err)
	}
	if err := os.WriteFile(c.idFile, []byte(id+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("device identity: %w", err)
	}
	return "CPU-" + id, nil
}

func (c *CPU) newIdentity() (string, error) {
	raw, err := os.ReadFile(filepath.Join(c.root, "etc/machine-id"))
	seed := strings.TrimSpace(string(raw))
	if err != nil || seed == "" || seed == "uninitialized" {
		random := make([]byte, 16)
		if _, err := rand.Read(random); err != nil {
			return "", fmt.Errorf("device identity: %w", err)
		}
		return hex.EncodeToString(random), nil
	}
	home, err := filepath.Abs(filepath.Dir(c.idFile))
	if err != nil {
		return "", fmt.Errorf("device identity: %w", err)
	}
	sum := sha256.Sum256([]byte("assay/machine/v1\x00" + seed + "\x00" + home))
	return hex.EncodeToString(sum[:16]), nil
}

func (c *CPU) model() string {
	file, err := os.Open(filepath.Join(c.root, "proc/cpuinfo"))
	if err != nil {
		return Shorten(fmt.Sprintf("%s processor, %d threads", runtime.GOARCH, runtime.NumCPU()))
	}
	defer closeRead(file)
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		name, value, found := strings.Cut(scanner.Text(), ":")
		if found && strings.TrimSpace(name) == "model name" && strings.TrimSpace(value) != "" {
			return Shorten(strings.TrimSpace(value))
		}
	}
	return Shorten(fmt.Sprintf("%s processor, %d threads", runtime.GOARCH, runtime.NumCPU()))
}

// memory in MiB, 0 if the system does not show it.
func (c *CPU) memory() uint32 { return uint32(c.meminfo()["MemTotal"] / 1024) }

// meminfo are the system's memory figures in KiB.
func (c *CPU) meminfo() map[string]uint64 {
	fields := make(map[string]uint64)
	file, err := os.Open(filepath.Join(c.root, "proc/meminfo"))
	if err != nil {
		return fields
	}
	defer closeRead(file)
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		parts := strings.Fields(scanner.Text())
		if len(parts) < 2 {
			continue
		}
		if kib, err := strconv.ParseUint(parts[1], 10, 64); err == nil {
			fields[strings.TrimSuffix(parts[0], ":")] = kib
		}
	}
	return fields
}

// closeRead closes a file that was only read, where closing has nothing to lose.
func closeRead(file io.Closer) { _ = file.Close() }
