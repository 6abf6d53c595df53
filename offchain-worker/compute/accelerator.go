package compute

// Accelerator is a device other than the processor that can compute, as a back end found it.
type Accelerator struct {
	// Kernel computes on it. It must have passed SelfTest before it is offered work.
	Kernel Kernel
	// UUID is what the device's maker or driver names it by, stable over restarts and unique to the hardware: "GPU-5f7e…". Empty where
	// the driver tells none; such a device can't be registered on the chain.
	UUID string
	// Name is the model: "NVIDIA H100 80GB HBM3".
	Name string
	// Memory is the device's memory in bytes.
	Memory uint64
	// Close frees the device. The kernel must not be used afterwards.
	Close func() error
}
