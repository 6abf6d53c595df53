package planted

import "time"

var started = time.Now()
