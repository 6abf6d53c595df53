package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// title begins an act.
func (d *demo) title(text string) {
	fmt.Printf("\n\033[1m── %s %s\033[0m\n\n", text, strings.Repeat("─", max(0, 90-len(text))))
}

// say prints a line of the story.
func (d *demo) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// assayd runs a command as a user would, shows it and its progress, and returns what it printed to its output.
func (d *demo) assayd(ctx context.Context, args ...string) ([]byte, error) {
	d.say("\033[2m$ assayd %s\033[0m", strings.Join(shorten(args, d.dir), " "))
	command := exec.CommandContext(ctx, filepath.Join(d.bin, "assayd"), args...)
	command.Stderr = os.Stderr
	var out bytes.Buffer
	command.Stdout = &out
	if err := command.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("assayd %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}

// show runs a command and prints what it says.
func (d *demo) show(ctx context.Context, args ...string) error {
	out, err := d.assayd(ctx, args...)
	fmt.Print(string(out))
	return err
}

// quiet runs a command whose output is of interest only when it fails.
func (d *demo) quiet(ctx context.Context, args ...string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(d.bin, "assayd"), args...).CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("assayd %s: %w\n%s", strings.Join(args[:2], " "), err, out)
	}
	return out, nil
}

// decode runs a command and decodes its JSON.
func (d *demo) decode(ctx context.Context, into any, args ...string) error {
	out, err := d.assayd(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("assayd %s printed no JSON: %w", args[0], err)
	}
	return nil
}

// shorten leaves the demo's folder out of what is shown.
func shorten(args []string, dir string) []string {
	short := make([]string, len(args))
	for i, a := range args {
		short[i] = strings.TrimPrefix(strings.TrimPrefix(a, dir), string(filepath.Separator))
	}
	return short
}

// start brings the network up, with devices that have proven what they are.
func (d *demo) start(ctx context.Context) error {
	if err := d.show(ctx, "localnet", "start", "--dir", d.network(), "--base-port", strconv.Itoa(d.port)); err != nil {
		return err
	}
	d.node = node{url: fmt.Sprintf("http://127.0.0.1:%d", d.port+apiOffset)}
	return d.proveHardware(ctx)
}

// apiOffset is the place of the REST interface among the network's ports.
const apiOffset = 3
