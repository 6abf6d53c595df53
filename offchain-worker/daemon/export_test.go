package daemon

import "time"

// SetWatchInterval changes the time between two looks at the devices, before Run.
func (d *Daemon) SetWatchInterval(interval time.Duration) { d.watchEvery = interval }
