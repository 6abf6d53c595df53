package catalogue

import (
	_ "embed"
	"fmt"
	"sync"
)

var (
	//go:embed data/models.csv
	modelTable []byte
	//go:embed data/architectures.csv
	architectureTable []byte
	//go:embed data/sources.csv
	sourceTable []byte
)

// embedded reads the tables once.
var embedded = sync.OnceValue(func() *Catalogue {
	catalogue, err := Parse(Tables{Models: modelTable, Architectures: architectureTable, Sources: sourceTable})
	if err != nil {
		panic(fmt.Errorf("tables of the GPU catalogue: %w", err)) // A build whose tests fail.
	}
	return catalogue
})

// Embedded is the catalogue that comes with this build: what a new chain begins with.
func Embedded() *Catalogue { return embedded() }
