package catalogue

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a model's fields.
const (
	// MaxText is the size of a key, name, alias, vendor or architecture in bytes at most.
	MaxText = 64
	// MaxAliases and MaxSources bound the lists.
	MaxAliases, MaxSources = 16, 8
	// MaxSource is the size of a source's address in bytes at most.
	MaxSource = 256
	// MaxMemoryMiB is 16 TiB.
	MaxMemoryMiB = 1 << 24
	// MaxThroughput is 10^18 operations a second, in 10^9.
	MaxThroughput = 1_000_000_000
	// MaxBandwidth is 10^15 bytes a second, in 10^6.
	MaxBandwidth = 1_000_000_000
	// MaxTDP is 100 kW, in watts.
	MaxTDP = 100_000
)

// Validate checks every field against its bounds. Errors name the field and the limit.
func (m Model) Validate() error {
	if err := validateKey(m.Key); err != nil {
		return err
	}
	for _, text := range []struct{ field, value string }{{"vendor", m.Vendor}, {"name", m.Name}, {"architecture", m.Architecture}} {
		if err := validateText(text.field, text.value, MaxText); err != nil {
			return err
		}
	}
	if m.Class < Edge || m.Class > Datacentre {
		return fmt.Errorf("class is %d: it must be from %d to %d, a GPU's", m.Class, Edge, Datacentre)
	}
	if err := m.validateFigures(); err != nil {
		return err
	}
	if err := validateMonth(m.Released); err != nil {
		return err
	}
	if err := validateBackends(m.Backends); err != nil {
		return err
	}
	if err := m.validateNames(); err != nil {
		return err
	}
	return validateSources(m.Sources)
}

func (m Model) validateFigures() error {
	for _, figure := range []struct {
		field        string
		value, limit uint64
	}{
		{"memory_mib", uint64(m.MemoryMiB), MaxMemoryMiB},
		{"fp32_gflops", m.FP32, MaxThroughput}, {"fp16_gflops", m.FP16, MaxThroughput}, {"int8_gops", m.INT8, MaxThroughput},
		{"bandwidth_mbps", m.BandwidthMBps, MaxBandwidth}, {"tdp_watts", uint64(m.TDPWatts), MaxTDP},
	} {
		if figure.value > figure.limit {
			return fmt.Errorf("%s is %d: it must be from 0 to %d", figure.field, figure.value, figure.limit)
		}
	}
	return nil
}

func (m Model) validateNames() error {
	if len(m.Aliases) > MaxAliases {
		return fmt.Errorf("aliases has %d entries: it must have %d at most", len(m.Aliases), MaxAliases)
	}
	for i, alias := range m.Aliases {
		if err := validateText(fmt.Sprintf("aliases[%d]", i), alias, MaxText); err != nil {
			return err
		}
	}
	for _, name := range m.Names() {
		if name == "" {
			return fmt.Errorf("name and aliases: each must hold more than its vendor's name, words in brackets and signs")
		}
	}
	return nil
}

// validateKey checks a key: parts of lower-case letters and digits, joined by single hyphens.
func validateKey(key string) error {
	if len(key) < 1 || len(key) > MaxText {
		return fmt.Errorf("key has %d bytes: it must have from 1 to %d", len(key), MaxText)
	}
	hyphen := true
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c == '-' && (hyphen || i == len(key)-1) || c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return fmt.Errorf("key is %q: it must be of lower-case letters and digits, with single hyphens between them", key)
		}
		hyphen = c == '-'
	}
	return nil
}

func validateText(field, text string, limit int) error {
	if len(text) < 1 || len(text) > limit {
		return fmt.Errorf("%s has %d bytes: it must have from 1 to %d", field, len(text), limit)
	}
	if !utf8.ValidString(text) || strings.TrimSpace(text) != text {
		return fmt.Errorf("%s is %q: it must be UTF-8 without spaces around it", field, text)
	}
	for _, r := range text {
		if r < ' ' || r == 0x7f {
			return fmt.Errorf("%s is %q: it must have no control characters", field, text)
		}
	}
	return nil
}

// validateMonth checks a month from 1990-01 to 2199-12.
func validateMonth(month string) error {
	bad := len(month) != 7 || month[4] != '-'
	for i := 0; !bad && i < len(month); i++ {
		bad = i != 4 && (month[i] < '0' || month[i] > '9')
	}
	if bad || month < "1990-01" || month > "2199-12" || month[5:] < "01" || month[5:] > "12" {
		return fmt.Errorf("released is %q: it must be a month from 1990-01 to 2199-12", month)
	}
	return nil
}

func validateBackends(backends []Backend) error {
	if len(backends) < 1 {
		return fmt.Errorf("backends is empty: give one at least")
	}
	for i, backend := range backends {
		if backend <= BackendCPU || backend > BackendOneAPI {
			return fmt.Errorf("backends[%d] is %d: it must be an accelerator's, from %d to %d", i, backend, BackendCUDA, BackendOneAPI)
		}
		if i > 0 && backends[i-1] >= backend {
			return fmt.Errorf("backends[%d] is %s: they must ascend, without repetition", i, backend)
		}
	}
	return nil
}

func validateSources(sources []string) error {
	if len(sources) < 1 || len(sources) > MaxSources {
		return fmt.Errorf("sources has %d entries: it must have from 1 to %d", len(sources), MaxSources)
	}
	for i, source := range sources {
		field := fmt.Sprintf("sources[%d]", i)
		if err := validateText(field, source, MaxSource); err != nil {
			return err
		}
		if rest, https := strings.CutPrefix(source, "https://"); !https || rest == "" || strings.ContainsAny(source, " \"<>") {
			return fmt.Errorf("%s is %q: it must be an https address", field, source)
		}
	}
	return nil
}
