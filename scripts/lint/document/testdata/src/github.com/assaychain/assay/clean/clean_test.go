package clean

type Fixture struct{}
