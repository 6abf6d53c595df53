//go:build !cgo || !linux

package device

// NewNVIDIA is the source of this machine's NVIDIA GPUs; without cgo they are asked for through nvidia-smi.
func NewNVIDIA() Source { return NewSMI("nvidia-smi") }
