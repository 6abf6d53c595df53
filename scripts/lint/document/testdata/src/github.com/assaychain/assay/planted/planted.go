package planted // want `package planted has no doc comment`

func Bare() {} // want `exported function Bare has no doc comment`

//go:noinline
func Directed() {} // want `exported function Directed has no doc comment`

// want +3 `exported type Thing has no doc comment`

//go:generate nothing
type Thing struct{}

func (Thing) Value() {} // want `exported function Value`

func (*Thing) Pointer() {} // want `exported function Pointer`

// want +2 `exported type Pair`

type Pair[K, V any] struct{}

func (p *Pair[K, V]) First() {} // want `exported function First`

// want +2 `exported type Box`

type Box[V any] struct{}

func (b Box[V]) Open() {} // want `exported function Open`

// want +3 `exported type Left`

type (
	Left  struct{}
	right struct{}
)

// want +2 `exported var Limit`

var Limit, floor = 1, 2

// want +3 `exported const First`

const (
	First  = 1
	second = 2
)
