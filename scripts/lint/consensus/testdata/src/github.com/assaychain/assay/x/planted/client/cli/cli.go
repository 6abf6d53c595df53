package cli

import "time"

// Started is no business of consensus.
var Started, Half = time.Now(), 0.5
