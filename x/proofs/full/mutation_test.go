package full_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/assaychain/assay/x/proofs/full"
)

var mutations = flag.Int("mutations", 1000, "how many random mutations of proofs, statements and keys to try")

const (
	// mutationShards have a stream each, so that what is tried does not depend on how many processors try it.
	mutationShards = 16
	// mostKept bounds what a campaign may leave alive in memory, in bytes, however long it is.
	mostKept = 64 << 20
)

// campaign tries mutations, on all processors, and tells how far it has come. A try returns an error when what it changed was accepted.
func campaign(t *testing.T, seed string, try func(s *stream, tried int) error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began, done := time.Now(), atomic.Int64{}
	stop := report(t, func() string {
		rate := float64(done.Load()) / time.Since(began).Seconds()
		return fmt.Sprintf("%d of %d mutations, %.0f a second, none accepted", done.Load(), *mutations, rate)
	})
	group, ctx := errgroup.WithContext(context.Background())
	group.SetLimit(runtime.GOMAXPROCS(0))
	for shard := range mutationShards {
		group.Go(func() error {
			s := newStream(fmt.Sprintf("%s %d", seed, shard))
			for tried := shard; tried < *mutations && ctx.Err() == nil; tried += mutationShards {
				if err := try(s, tried/mutationShards); err != nil {
					return fmt.Errorf("mutation %d of shard %d: %w", tried, shard, err)
				}
				done.Add(1)
			}
			return nil
		})
	}
	err := group.Wait()
	stop()
	require.NoError(t, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(mostKept))
	t.Logf("%d mutations: 0 accepted, 0 panics, %d MiB from the system", done.Load(), after.Sys>>20)
}

// report logs what a campaign says of itself every half a minute, until it is stopped.
func report(t *testing.T, line func() string) (stop func()) {
	ticker, end, ended := time.NewTicker(30*time.Second), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				t.Log(line())
			case <-end:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(end)
		<-ended
	}
}

// mutator changes proofs in one to three random places at once, with parts of one another too.
type mutator struct {
	*stream
	names  []string
	proofs [][]byte
}

func newMutator(s *stream, proofs [][]byte) *mutator {
	return &mutator{s, slices.Sorted(maps.Keys(elementMutations)), proofs}
}

func (s *stream) below(n int) int { return int(s.uint32() % uint32(n)) }

// next gives the number of a proof and a changed copy of it.
func (m *mutator) next() (int, []byte) {
	for {
		which := m.below(len(m.proofs))
		original := m.proofs[which]
		proof := bytes.Clone(original)
		for range 1 + m.below(3) {
			at := m.below(len(proof)/32) * 32
			if element := proof[at : at+32]; m.below(2) == 0 {
				elementMutations[m.names[m.below(len(m.names))]](element, original)
			} else {
				other := m.proofs[m.below(len(m.proofs))]
				copy(element, other[m.below(len(other)/32)*32:])
			}
		}
		if !bytes.Equal(proof, original) {
			return which, proof
		}
	}
}

// change changes 32 bytes that are a digest, a root or a point: a bit of them, or all for those of another.
func (s *stream) change(b []byte, others [][]byte) {
	original := bytes.Clone(b)
	for bytes.Equal(b, original) {
		if s.below(2) == 0 {
			b[s.below(len(b))] ^= 1 << s.below(8)
		} else {
			copy(b, others[s.below(len(others))])
		}
	}
}

// number changes a dimension: a bit of it, or by one.
func (s *stream) number(n *uint32) {
	switch s.below(3) {
	case 0:
		*n++
	case 1:
		*n--
	default:
		*n ^= 1 << s.below(32)
	}
}

// key gives a changed copy of a key: a bit, or one of its points taken for another or negated. Its first two bytes are its version
// and whether it is one for development.
func (s *stream) key(raw []byte) []byte {
	const header, g1, points = 2, 32, (full.KeySize - 2) / 32
	changed := bytes.Clone(raw)
	for bytes.Equal(changed, raw) {
		at := header + g1*s.below(points)
		switch s.below(4) {
		case 0:
			changed[s.below(len(changed))] ^= 1 << s.below(8)
		case 1:
			copy(changed[at:at+g1], raw[header+g1*s.below(points):])
		case 2:
			changed[at] ^= 0xc0
		default:
			changed[s.below(header)] ^= 1
		}
	}
	return changed
}

var errAccepted = errors.New("accepted")

// refused is an error if a verifier saw nothing wrong.
func refused(verdict error, what string, changed ...any) error {
	if verdict != nil {
		return nil
	}
	return fmt.Errorf("%w: %s changed to %x", errAccepted, what, changed)
}

// refusedUnder is an error if a changed key is taken and any of the proofs holds under it.
func refusedUnder(raw []byte, verify func(*full.VerifyingKey) error) error {
	key, err := full.ParseVerifyingKey(raw)
	if err != nil {
		return nil
	}
	return refused(verify(key), "the key", raw)
}

// TestRandomMutations changes stored proofs of products, what they are proofs of, and the key. A few of the results are shown to the
// second verifier.
func TestRandomMutations(t *testing.T) {
	stored := readVectors(t)
	raw := unhex(t, stored.Key)
	key, err := full.ParseVerifyingKey(raw)
	require.NoError(t, err)
	secret := bigFrom(unhex(t, stored.Secret))
	var valid []*full.Claimed
	var proofs, parts [][]byte
	for _, v := range stored.Cases {
		if v.Valid {
			c := v.claimed(t)
			require.NoError(t, full.Verify(key, c.Statement, c.Proof), v.Name)
			valid, proofs, parts = append(valid, c), append(proofs, c.Proof), append(parts, statementParts(&c.Statement)...)
		}
	}
	campaign(t, "mutations", func(s *stream, tried int) error {
		kind := s.below(16)
		which, proof := newMutator(s, proofs).next()
		statement := copyStatement(valid[which].Statement)
		switch {
		case kind == 0:
			return refusedUnder(s.key(raw), func(k *full.VerifyingKey) error { return full.Verify(k, statement, valid[which].Proof) })
		case kind < 4:
			proof = valid[which].Proof
			s.changeStatement(&statement, parts)
		}
		if tried%16 == 0 {
			_, err := slowVerify(secret, key.Hash(), &statement, proof)
			if err := refused(err, "for the second verifier, a statement and proof", statement, proof); err != nil {
				return err
			}
		}
		return refused(full.Verify(key, statement, proof), "a statement and proof", statement, proof)
	})
}

// copyStatement copies one, its products too.
func copyStatement(s full.Statement) full.Statement {
	s.Products = slices.Clone(s.Products)
	return s
}

// statementParts are the digests and commitments of a statement.
func statementParts(s *full.Statement) [][]byte {
	parts := [][]byte{bytes.Clone(s.Digest[:]), bytes.Clone(s.Weights[:])}
	for _, p := range s.Products {
		parts = append(parts, bytes.Clone(p.X[:]), bytes.Clone(p.Y[:]))
	}
	return parts
}

// changeStatement changes one field.
func (s *stream) changeStatement(c *full.Statement, parts [][]byte) {
	product := &c.Products[s.below(len(c.Products))]
	switch s.below(7) {
	case 0:
		s.change(c.Digest[:], parts)
	case 1:
		s.change(c.Weights[:], parts)
	case 2:
		s.change(product.X[:], parts)
	case 3:
		s.change(product.Y[:], parts)
	case 4:
		s.number(&c.N)
	case 5:
		s.number(&c.K)
	default:
		s.number(&product.M)
	}
}
