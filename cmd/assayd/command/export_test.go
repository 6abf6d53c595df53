package command

// What the tests look at beside the commands.
var (
	LeaseTable = leaseTable
	ShowLease  = showLease
)
