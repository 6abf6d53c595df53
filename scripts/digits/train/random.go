package main

// generator is splitmix64: 64 random bits a call from a state that a constant advances. It is written out here so that the
// training run cannot change with a library's.
type generator struct{ state uint64 }

func (g *generator) next() uint64 {
	g.state += 0x9e3779b97f4a7c15
	z := g.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number in [0, n); its bias, n/2^64, does not matter here.
func (g *generator) below(n int) int { return int(g.next() % uint64(n)) }

// within returns a number in [-limit, limit].
func (g *generator) within(limit int) int { return g.below(2*limit+1) - limit }

// uniform returns a number in [-limit, limit).
func (g *generator) uniform(limit float32) float32 {
	return limit * (float32(g.next()>>40)/(1<<23) - 1)
}

// shuffle permutes n items through swap (Fisher and Yates).
func (g *generator) shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, g.below(i+1))
	}
}
