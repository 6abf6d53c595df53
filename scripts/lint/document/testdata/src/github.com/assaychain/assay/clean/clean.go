// Package clean documents what it exports.
package clean

// Documented does nothing.
func Documented() {}

func private() {}

type hidden struct{}

func (hidden) Exported() {}

// Thing is documented.
type Thing struct{ Field int }

type (
	// Left is documented.
	Left  struct{}
	Right struct{} // Right is documented behind.
)

// Limits of something.
const (
	Low  = 1
	High = 2
)

var (
	// Start is documented.
	Start = 1
	End   = 2 // End is documented behind.
	inner = 3
)

// Up and Down share one comment.
type (
	Up   int
	Down int
)
