// Protogen compiles the schemas under proto/ and writes the Go code that they stand for beside the modules.
//
//	go run ./scripts/protogen [-check]
//
// Imports are resolved from the module cache, so that nothing is fetched from a schema registry, and the plugins are the
// ones that go.mod pins as tools: the same tree gives the same bytes on every machine. With -check nothing is written;
// the exit status tells whether the generated files in the tree are current.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const (
	root   = "proto"
	module = "github.com/assaychain/assay/"
)

// plugin is one generator: the tool's name in go.mod and the parameter it gets.
type plugin struct{ tool, parameter string }

var plugins = []plugin{
	{"protoc-gen-gocosmos", "plugins=grpc,Mgoogle/protobuf/any.proto=github.com/cosmos/gogoproto/types/any"},
	{"protoc-gen-grpc-gateway", "logtostderr=true,allow_colon_final_segments=true"},
}

// importRoots are the folders of the module cache that hold the schemas we import.
var importRoots = []struct{ module, folder string }{
	{"github.com/cosmos/cosmos-sdk", "proto"},
	{"github.com/cosmos/cosmos-proto", "proto"},
	{"github.com/cosmos/gogoproto", ""},
	{"github.com/grpc-ecosystem/grpc-gateway", "third_party/googleapis"},
}

func main() {
	check := flag.Bool("check", false, "write nothing; fail when a generated file is stale")
	flag.Parse()
	if err := run(context.Background(), *check); err != nil {
		fmt.Fprintln(os.Stderr, "protogen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, check bool) error {
	names, err := schemas()
	if err != nil {
		return err
	}
	files, err := compile(ctx, names)
	if err != nil {
		return err
	}
	generated := map[string][]byte{}
	for _, p := range plugins {
		for _, folder := range folders(names) {
			if err := generate(ctx, p, folder, files, generated); err != nil {
				return fmt.Errorf("%s: %w", p.tool, err)
			}
		}
	}
	stale, err := difference(generated)
	if err != nil {
		return err
	}
	if check {
		if len(stale) > 0 {
			return fmt.Errorf("stale, run 'make proto': %s", strings.Join(stale, " "))
		}
		return nil
	}
	return write(generated, stale)
}

// schemas lists the .proto files of this project, by import path.
func schemas() ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".proto") {
			name, _ := filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	return names, err
}

// folders groups the schemas by folder, that is by Go package, because the plugins take one package at a time.
func folders(names []string) [][]string {
	var groups [][]string
	for i, name := range names {
		if i == 0 || path.Dir(name) != path.Dir(names[i-1]) {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], name)
	}
	return groups
}

// compile links the schemas and returns every file they need, dependencies first.
func compile(ctx context.Context, names []string) ([]*descriptorpb.FileDescriptorProto, error) {
	paths := []string{root}
	for _, r := range importRoots {
		dir, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", r.module).Output()
		if err != nil {
			return nil, fmt.Errorf("find %s in the module cache: %w", r.module, err)
		}
		paths = append(paths, filepath.Join(strings.TrimSpace(string(dir)), r.folder))
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: paths}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	linked, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, err
	}
	var ordered []*descriptorpb.FileDescriptorProto
	seen := map[string]bool{}
	var visit func(protoreflect.FileDescriptor)
	visit = func(f protoreflect.FileDescriptor) {
		if seen[f.Path()] {
			return
		}
		seen[f.Path()] = true
		imports := f.Imports()
		for i := range imports.Len() {
			visit(imports.Get(i).FileDescriptor)
		}
		if r, ok := f.(linker.Result); ok {
			ordered = append(ordered, r.FileDescriptorProto())
		} else {
			ordered = append(ordered, protoutil.ProtoFromFileDescriptor(f))
		}
	}
	for _, f := range linked {
		visit(f)
	}
	return ordered, nil
}

// generate runs one plugin and adds what it made to out, by path in the tree.
func generate(ctx context.Context, p plugin, names []string, files []*descriptorpb.FileDescriptorProto, out map[string][]byte) error {
	// Deterministic: the order of an option's fields ends up in the generated descriptor.
	request, err := proto.MarshalOptions{Deterministic: true}.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: names, Parameter: proto.String(p.parameter), ProtoFile: files,
	})
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "tool", p.tool)
	command.Stdin, command.Stderr = bytes.NewReader(request), os.Stderr
	answer, err := command.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(answer, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return errors.New(response.GetError())
	}
	for _, f := range response.File {
		name, ok := strings.CutPrefix(f.GetName(), module)
		if !ok {
			return fmt.Errorf("%s lies outside %s: check its go_package", f.GetName(), module)
		}
		out[name] = []byte(f.GetContent())
	}
	return nil
}

// difference names the generated files that the tree lacks, holds otherwise, or holds without a schema.
func difference(generated map[string][]byte) ([]string, error) {
	var stale []string
	for path, content := range generated {
		if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, content) {
			stale = append(stale, path)
		}
	}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "testdata" {
			return filepath.SkipDir // The lint plants generated files of its own there.
		}
		made := strings.HasSuffix(path, ".pb.go") || strings.HasSuffix(path, ".pb.gw.go")
		if _, known := generated[filepath.ToSlash(path)]; err == nil && made && !known {
			stale = append(stale, path)
		}
		return err
	})
	slices.Sort(stale)
	return stale, err
}

// write brings the stale files up to date and removes the ones that no schema stands for any more.
func write(generated map[string][]byte, stale []string) error {
	for _, path := range stale {
		content, known := generated[path]
		if !known {
			if err := os.Remove(path); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("protogen: %d files generated, %d changed\n", len(generated), len(stale))
	return nil
}
