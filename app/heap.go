package app

// GCPercent is how much a node's heap grows beyond what is alive before it is collected, in percent, unless its operator says otherwise
// (runtime/debug.SetGCPercent). A node holds its state's nodes and caches, hundreds of megabytes of small objects, each of which a
// collection looks at, while what a block leaves behind is little: at Go's default of 100 collections take up to a third of the time in
// which a block's jobs are assigned. What it costs is memory: 3 times what is alive, instead of 2.
const GCPercent = 200
