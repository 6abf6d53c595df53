package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/assaychain/assay/offchain-worker/compute"
	"github.com/assaychain/assay/offchain-worker/compute/cuda"
	"github.com/assaychain/assay/offchain-worker/compute/opencl"
	"github.com/assaychain/assay/offchain-worker/compute/webgpu"
	"github.com/assaychain/assay/offchain-worker/machine"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// backends are all ways of this build to compute on accelerators, the preferred first: NVIDIA's own, then that which keeps
// drivers out of the worker's process. A card that several reach is served by the first of them.
func backends() []machine.Backend {
	return []machine.Backend{
		{Name: "cuda", Chain: backendOf, Open: openCUDA},
		{Name: "webgpu", Chain: backendOf, Open: openWebGPU},
		{Name: "opencl", Chain: backendOf, Open: openOpenCL},
	}
}

func openCUDA(ctx context.Context, _ machine.Site) ([]compute.Accelerator, error) {
	return cuda.Open(ctx, cuda.Options{})
}

func openWebGPU(ctx context.Context, site machine.Site) ([]compute.Accelerator, error) {
	var left skipped
	found, err := webgpu.Accelerators(ctx, webgpu.Options{Machine: site.Identity, Skipped: left.add})
	return found, errors.Join(err, left.err())
}

func openOpenCL(ctx context.Context, site machine.Site) ([]compute.Accelerator, error) {
	var left skipped
	found, err := opencl.Accelerators(ctx, opencl.Options{Machine: site.Identity, Skipped: left.add})
	return found, errors.Join(err, left.err())
}

// skipped collects why accelerators can't be used.
type skipped struct{ reasons []error }

func (s *skipped) add(name string, reason error) {
	s.reasons = append(s.reasons, fmt.Errorf("%s: %w", name, reason))
}

func (s *skipped) err() error { return errors.Join(s.reasons...) }

// backendOf is what the chain calls the maker's own interface to a model, or else the one that this system has for all.
func backendOf(model string) registrytypes.Backend {
	model = strings.ToLower(model)
	for _, maker := range []struct {
		part    string
		backend registrytypes.Backend
	}{
		{"nvidia", registrytypes.BACKEND_CUDA}, {"geforce", registrytypes.BACKEND_CUDA}, {"apple", registrytypes.BACKEND_METAL},
		{"amd", registrytypes.BACKEND_ROCM}, {"radeon", registrytypes.BACKEND_ROCM}, {"intel", registrytypes.BACKEND_ONEAPI},
	} {
		if strings.Contains(model, maker.part) {
			return maker.backend
		}
	}
	if runtime.GOOS == "darwin" {
		return registrytypes.BACKEND_METAL
	}
	return registrytypes.BACKEND_VULKAN
}
