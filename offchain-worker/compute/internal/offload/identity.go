package offload

import (
	"crypto/sha256"
	"fmt"
)

// NVIDIA is the PCI vendor whose drivers give a card the same UUID in every interface, unique in the world.
const NVIDIA = 0x10de

// UUID names a device by what its driver tells. NVIDIA's UUIDs come out as NVML prints them. Those of other drivers are made
// from vendor, model and slot, so that they are equal in equal machines: they are hashed together with the machine's
// identity. Empty if the driver tells none, or if another maker's device is in a machine without identity.
func UUID(vendor uint32, raw [16]byte, machine string) string {
	switch {
	case raw == [16]byte{}:
		return ""
	case vendor == NVIDIA:
		return format(raw[:])
	case machine == "":
		return ""
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "assay/gpu/v1\x00%s\x00%08x\x00", machine, vendor)
	hash.Write(raw[:])
	return format(hash.Sum(nil)[:16])
}

func format(u []byte) string {
	return fmt.Sprintf("GPU-%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
