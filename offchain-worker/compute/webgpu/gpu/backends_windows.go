package gpu

import (
	"github.com/gogpu/gputypes"
	_ "github.com/gogpu/wgpu/hal/dx12" // registers the back end
)

const backends = gputypes.BackendsDX12
