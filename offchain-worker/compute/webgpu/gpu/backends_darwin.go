package gpu

import (
	"github.com/gogpu/gputypes"
	_ "github.com/gogpu/wgpu/hal/metal" // registers the back end
)

const backends = gputypes.BackendsMetal
