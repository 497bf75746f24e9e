//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// buildProduct builds the product. For profiles it gets one file more, which
// lets package profile in; else it is what a release is.
func (r *rig) buildProduct(ctx context.Context) error {
	args := []string{"build", "-ldflags", "-s -w", "-o", r.product}
	if r.profiles != "" {
		overlay, err := r.overlay(ctx)
		if err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	if said, err := exec.CommandContext(ctx, "go", append(args, "leerkring/cmd/leerkring")...).CombinedOutput(); err != nil {
		return fmt.Errorf("building the product: %w\n%s", err, said)
	}
	return nil
}

// overlay writes down that the product's main package has one file more.
func (r *rig) overlay(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	extra, overlay := filepath.Join(r.folder, "profile.go"), filepath.Join(r.folder, "overlay.json")
	there := filepath.Join(strings.TrimSpace(string(root)), "cmd", "leerkring", "profile_overlay.go")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{there: extra}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(extra, []byte("package main\n\nimport _ \"leerkring/internal/bench/profile\"\n"), 0o600); err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, list, 0o600)
}
