//go:build !darwin && !windows

package gpu

import (
	"github.com/gogpu/gputypes"
	_ "github.com/gogpu/wgpu/hal/vulkan" // registers the back end
)

const backends = gputypes.BackendsVulkan
