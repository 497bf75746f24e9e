package app

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// rooms are the rooms of the house from the roof down. A room may know those
// below it, and none beside or above it.
var rooms = [][]string{
	{"cmd/leerkring"},
	{"internal/app"},
	{"internal/demo"},
	{"frontend", "api", "hub"},
	{"leertafel"},
	{"notify"},
	{"forum"},
	{"community"},
	{"internal/jobs", "internal/rate", "internal/config"},
	{"internal/database", "internal/richtext", "internal/locale", "internal/cursor", "internal/strictjson", "internal/guard"},
	{"internal/fault", "internal/clock", "internal/dutch", "internal/limits"},
	{"migrations"},
}

// scaffolding stands beside the house: tests may use it, the product may not.
var scaffolding = []string{"internal/testkit", "hub/hubtest", "frontend/pagetest", "frontend/browsertest", "internal/bench"}

func TestArrowsPointDown(t *testing.T) {
	level := map[string]int{}
	for i, floor := range rooms {
		for _, room := range floor {
			level[room] = i
		}
	}
	packages := listPackages(t)
	if len(packages) < 20 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	for _, p := range packages {
		from := roomOf(p.ImportPath, level)
		if from == "" {
			if !isScaffolding(p.ImportPath) {
				t.Errorf("%s is in no room: give it a place in the list above", p.ImportPath)
			}
			continue
		}
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, "leerkring/") {
				continue
			}
			to := roomOf(imported, level)
			switch {
			case isScaffolding(imported):
				t.Errorf("%s uses %s, which is for tests", p.ImportPath, imported)
			case to == "" || to == from:
			case level[to] == level[from]:
				t.Errorf("%s knows its neighbour %s", p.ImportPath, imported)
			case level[to] < level[from]:
				t.Errorf("%s knows %s, which stands above it", p.ImportPath, imported)
			}
		}
	}
}

// Each prescribed library comes in by one door.
func TestLibrariesComeInByOneDoor(t *testing.T) {
	doors := map[string][]string{
		"github.com/gorilla/websocket":           {"leerkring/hub"},
		"github.com/redis/go-redis/v9":           {"leerkring/hub", "leerkring/internal/app"},
		"github.com/jmoiron/sqlx":                {"leerkring/internal/database"},
		"github.com/go-playground/validator/v10": {"leerkring/internal/fault"},
		"github.com/microcosm-cc/bluemonday":     {"leerkring/internal/richtext"},
	}
	used := map[string]bool{}
	for _, p := range listPackages(t) {
		if isScaffolding(p.ImportPath) {
			continue
		}
		for _, imported := range p.Imports {
			allowed, prescribed := doors[imported]
			if !prescribed {
				continue
			}
			used[imported] = true
			ok := false
			for _, a := range allowed {
				ok = ok || a == p.ImportPath
			}
			if !ok {
				t.Errorf("%s uses %s; its door is %v", p.ImportPath, imported, allowed)
			}
		}
	}
	if len(used) != len(doors) {
		t.Errorf("only %v are used", used)
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) (packages []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "leerkring/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	for decoder.More() {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}

// roomOf returns the room a package belongs to: itself, or the one it lies in.
func roomOf(path string, level map[string]int) string {
	if isScaffolding(path) {
		return ""
	}
	path = strings.TrimPrefix(path, "leerkring/")
	for {
		if _, ok := level[path]; ok {
			return path
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return ""
		}
		path = path[:i]
	}
}

func isScaffolding(path string) bool {
	for _, s := range scaffolding {
		if path == "leerkring/"+s || strings.HasPrefix(path, "leerkring/"+s+"/") {
			return true
		}
	}
	return false
}
