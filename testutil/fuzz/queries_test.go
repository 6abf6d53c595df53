package fuzz

import (
	"slices"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/assaychain/assay/testutil/simulation/sdksim"
)

// query is a route and the message that it takes.
type query struct{ route, request string }

// queries lists the queries of this project's modules, from their descriptors.
func queries(s *sdksim.Simulation) []query {
	var list []query
	s.Encoding().InterfaceRegistry.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			if service.Name() != "Query" || !strings.HasPrefix(string(service.FullName()), "assay.") {
				continue
			}
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				list = append(list, query{"/" + string(service.FullName()) + "/" + string(method.Name()), "/" + string(method.Input().FullName())})
			}
		}
		return true
	})
	slices.SortFunc(list, func(a, b query) int { return strings.Compare(a.route, b.route) })
	return list
}

// FuzzQueries hands random bytes to every query: an answer or an error, never a panic.
func FuzzQueries(f *testing.F) {
	s := grow(f)
	all := queries(s)
	require.GreaterOrEqual(f, len(all), 20)
	for i, q := range all {
		f.Add(uint16(i), encoded(f, s, q.request))
		f.Add(uint16(i), []byte{})
	}
	f.Fuzz(func(t *testing.T, which uint16, raw []byte) {
		q := all[int(which)%len(all)]
		handler := s.GRPCQueryRouter().Route(q.route)
		require.NotNil(t, handler, "%s has no route", q.route)
		response, err := handler(s.Context(blockTime), &abci.RequestQuery{Path: q.route, Data: raw})
		require.True(t, err != nil || response != nil, "%s answers nothing", q.route)
	})
}
