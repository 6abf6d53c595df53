// Package faults breaks what a block hook stands on, one store operation at a time, and checks that the block goes on: the item
// at hand is rolled back and counted, its neighbours are processed, the books are right, and the item is processed later.
package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	corestore "cosmossdk.io/core/store"
)

// ErrPlanted is what a broken operation fails with.
var ErrPlanted = errors.New("planted fault")

// Op is one operation on a store.
type Op struct {
	// Store is the name of the store, Kind the operation: get, has, set, delete, iterate or value.
	Store, Kind string
	Key         []byte
}

// String names the operation for a test's message.
func (o Op) String() string { return fmt.Sprintf("%s of %X in %s", o.Kind, o.Key, o.Store) }

// Plan says which operation fails. The zero value lets everything pass and records nothing.
type Plan struct {
	watching bool
	ops      []Op
	at       int
	panics   bool
	// always fails, as often as it is tried.
	always *Op
}

// Watch records every operation from now on.
func (p *Plan) Watch() { *p = Plan{watching: true} }

// Break makes the operation of a number, counted from 0, fail: with an error, or with a panic.
func (p *Plan) Break(number int, panics bool) {
	*p = Plan{watching: true, at: number + 1, panics: panics}
}

// BreakAlways makes an operation on a key fail as often as it is tried: one item is bad, however it is processed.
func (p *Plan) BreakAlways(op Op, panics bool) {
	*p = Plan{watching: true, always: &op, panics: panics}
}

// is tells whether two operations do the same.
func (o Op) is(other *Op) bool {
	return other != nil && o.Store == other.Store && o.Kind == other.Kind && bytes.Equal(o.Key, other.Key)
}

// Heal lets everything pass and returns the operations seen since Watch or Break.
func (p *Plan) Heal() []Op {
	seen := p.ops
	*p = Plan{}
	return seen
}

// hit is called before every operation. An operation that has no error to return panics.
func (p *Plan) hit(op Op, canFail bool) error {
	if !p.watching {
		return nil
	}
	op.Key = append([]byte(nil), op.Key...)
	p.ops = append(p.ops, op)
	if len(p.ops) != p.at && !op.is(p.always) {
		return nil
	}
	if p.panics || !canFail {
		panic(fmt.Sprintf("%s: %s", ErrPlanted, op))
	}
	return fmt.Errorf("%w: %s", ErrPlanted, op)
}

// Store wraps a store service so that its operations follow a plan.
func Store(service corestore.KVStoreService, name string, plan *Plan) corestore.KVStoreService {
	return storeService{service, name, plan}
}

type storeService struct {
	corestore.KVStoreService
	name string
	plan *Plan
}

// OpenKVStore opens the store.
func (s storeService) OpenKVStore(ctx context.Context) corestore.KVStore {
	return kvStore{s.KVStoreService.OpenKVStore(ctx), s.name, s.plan}
}

type kvStore struct {
	corestore.KVStore
	name string
	plan *Plan
}

func (s kvStore) Get(key []byte) ([]byte, error) {
	if err := s.plan.hit(Op{s.name, "get", key}, true); err != nil {
		return nil, err
	}
	return s.KVStore.Get(key)
}

func (s kvStore) Has(key []byte) (bool, error) {
	if err := s.plan.hit(Op{s.name, "has", key}, true); err != nil {
		return false, err
	}
	return s.KVStore.Has(key)
}

func (s kvStore) Set(key, value []byte) error {
	if err := s.plan.hit(Op{s.name, "set", key}, true); err != nil {
		return err
	}
	return s.KVStore.Set(key, value)
}

func (s kvStore) Delete(key []byte) error {
	if err := s.plan.hit(Op{s.name, "delete", key}, true); err != nil {
		return err
	}
	return s.KVStore.Delete(key)
}

func (s kvStore) Iterator(start, end []byte) (corestore.Iterator, error) {
	if err := s.plan.hit(Op{s.name, "iterate", start}, true); err != nil {
		return nil, err
	}
	inner, err := s.KVStore.Iterator(start, end)
	return iterator{inner, s.name, s.plan, start}, err
}

func (s kvStore) ReverseIterator(start, end []byte) (corestore.Iterator, error) {
	if err := s.plan.hit(Op{s.name, "iterate", start}, true); err != nil {
		return nil, err
	}
	inner, err := s.KVStore.ReverseIterator(start, end)
	return iterator{inner, s.name, s.plan, start}, err
}

type iterator struct {
	corestore.Iterator
	name  string
	plan  *Plan
	start []byte
}

// Key can only fail by a panic.
func (i iterator) Key() []byte {
	if err := i.plan.hit(Op{i.name, "value", i.start}, false); err != nil {
		panic(err)
	}
	return i.Iterator.Key()
}
