package app

import "time"

var started = time.Now() // want `use of time.Now`
