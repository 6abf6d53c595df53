package fuzz

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/testutil/invariants"
	"github.com/assaychain/assay/testutil/messages"
)

// FuzzMessages hands random bytes to the handler of every message. None panics; after one that is accepted the books of all
// modules agree and the block ends without a complaint.
func FuzzMessages(f *testing.F) {
	s := grow(f)
	registry := s.Encoding().InterfaceRegistry
	own := messages.Own(registry)
	for i, url := range own {
		f.Add(uint16(i), encoded(f, s, url))
	}
	r := rand.New(rand.NewSource(1))
	for range 60 {
		message := s.Message(s.Context(blockTime), r)
		if message == nil || !messages.IsOwn(sdk.MsgTypeURL(message)) {
			continue
		}
		raw, err := proto.Marshal(message)
		require.NoError(f, err)
		f.Add(uint16(slices.Index(own, sdk.MsgTypeURL(message))), raw)
	}
	f.Fuzz(func(t *testing.T, which uint16, raw []byte) {
		message, err := messages.Decode(registry, own[int(which)%len(own)], raw)
		if err != nil {
			return
		}
		ctx := s.Context(blockTime)
		if deliver(s, ctx, message) != nil {
			return
		}
		require.NoError(t, invariants.Modules(s.App, ctx))
		_, err = s.ModuleManager.EndBlock(ctx)
		require.NoError(t, err)
		requireQuiet(t, s)
		require.NoError(t, invariants.Check(s.App, ctx))
	})
}

// FuzzHooks lets bytes choose the messages of some blocks and the time between them, and runs the hooks of all modules. None
// fails, none panics, none logs an item that failed, and the books agree after every block.
func FuzzHooks(f *testing.F) {
	s := grow(f)
	f.Add([]byte{1, 2, 3})
	f.Add([]byte("a few messages, an hour, a few messages, a month"))
	f.Fuzz(func(t *testing.T, data []byte) {
		const blocks = 12
		ctx := s.Context(0)
		for i := 0; i+2 < len(data) && i < 3*blocks; i += 3 {
			gap := time.Duration(1+int(data[i])*int(data[i])*int(data[i])) * time.Second / 4
			ctx = ctx.WithBlockHeight(ctx.BlockHeight() + 1).WithBlockTime(ctx.BlockTime().Add(gap))
			_, err := s.ModuleManager.BeginBlock(ctx)
			require.NoError(t, err)
			r := rand.New(rand.NewSource(int64(data[i+1])<<8 | int64(data[i+2])))
			for range data[i+1] % 16 {
				if message := s.Message(ctx, r); message != nil {
					_ = deliver(s, ctx, message) // A refusal is as good as any other outcome.
				}
			}
			_, err = s.ModuleManager.EndBlock(ctx)
			require.NoError(t, err)
			requireQuiet(t, s)
			require.NoError(t, invariants.Check(s.App, ctx))
		}
	})
}
