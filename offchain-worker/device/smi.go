package device

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// smiTimeout bounds one call of nvidia-smi, which can take seconds when the driver is not kept loaded.
const smiTimeout = 20 * time.Second

// smiFields are asked for in this order.
const smiFields = "uuid,name,memory.total,driver_version,temperature.gpu,power.draw,utilization.gpu,memory.used,clocks.sm," +
	"ecc.errors.uncorrected.volatile.total"

// SMI is the source of NVIDIA GPUs through nvidia-smi.
type SMI struct{ command string }

var _ Source = (*SMI)(nil)

// NewSMI makes a source over a command that behaves as nvidia-smi.
func NewSMI(command string) *SMI { return &SMI{command: command} }

// Devices lists the GPUs.
func (s *SMI) Devices(ctx context.Context) ([]Device, error) {
	rows, err := s.rows(ctx)
	if err != nil {
		return nil, err
	}
	devices := make([]Device, 0, len(rows))
	for i, row := range rows {
		memory, err := strconv.ParseFloat(row[2], 64)
		if err != nil || memory < 0 {
			return nil, fmt.Errorf("nvidia-smi device %d: memory %q is no number of MiB", i, row[2])
		}
		if row[0] == "" || strings.HasPrefix(row[0], "[") {
			return nil, fmt.Errorf("nvidia-smi device %d has no UUID", i)
		}
		devices = append(devices, Device{
			UUID: row[0], Model: Shorten(row[1]), Class: ClassOf(row[1], uint32(memory)), Backend: registrytypes.BACKEND_CUDA,
			MemoryMiB: uint32(memory), Driver: row[3],
		})
	}
	return devices, nil
}

// Telemetry reads a GPU's condition.
func (s *SMI) Telemetry(ctx context.Context, uuid string) (Telemetry, error) {
	rows, err := s.rows(ctx)
	if err != nil {
		return Unknown(), err
	}
	for _, row := range rows {
		if row[0] == uuid {
			return Telemetry{number(row[4]), number(row[5]), number(row[6]), number(row[7]), number(row[8]), number(row[9])}, nil
		}
	}
	return Unknown(), noSuchDevice(uuid)
}

// rows calls the command and reads its CSV.
func (s *SMI) rows(ctx context.Context) ([][]string, error) {
	ctx, cancel := context.WithTimeout(ctx, smiTimeout)
	defer cancel()
	output, err := exec.CommandContext(ctx, s.command, "--query-gpu="+smiFields, "--format=csv,noheader,nounits").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("%w: nvidia-smi is not installed", ErrNoDriver)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: nvidia-smi: %w: %s", ErrNoDriver, err, bytes.TrimSpace(output))
	}
	return parseSMI(output)
}

func parseSMI(output []byte) ([][]string, error) {
	reader := csv.NewReader(bytes.NewReader(output))
	reader.TrimLeadingSpace = true
	reader.FieldsPerRecord = strings.Count(smiFields, ",") + 1
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("nvidia-smi: %w", err)
	}
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
	}
	return rows, nil
}

// number reads a figure, -1 for "[N/A]" and the like.
func number(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return -1
	}
	return value
}
