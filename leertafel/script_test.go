package leertafel_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/locale"
	"leerkring/leertafel"
)

// Each example is there in both languages, with the same steps.
func TestExamples(t *testing.T) {
	for _, key := range leertafel.Examples {
		dutch, ok := leertafel.Example("nl", key)
		if !ok {
			t.Fatalf("there is no %s", key)
		}
		for _, language := range locale.Languages {
			s, _ := leertafel.Example(language, key)
			if diff := cmp.Diff(dutch, s, cmpopts.IgnoreFields(leertafel.Script{}, "Title", "About"),
				cmpopts.IgnoreFields(leertafel.Phase{}, "Name", "Task", "Aside", "Watch", "Handout", "Stacks")); diff != "" {
				t.Errorf("%s in %s: %s", key, language, diff)
			}
			works := map[leertafel.Work]bool{}
			for i, p := range s.Phases {
				works[p.Work] = true
				d := dutch.Phases[i]
				if (p.Aside == "") != (d.Aside == "") || (p.Watch == "") != (d.Watch == "") || (p.Handout == "") != (d.Handout == "") || len(p.Stacks) != len(d.Stacks) {
					t.Errorf("%s in %s, phase %d: not what the Dutch one has", key, language, i+1)
				}
			}
			if !works[leertafel.Lessons] || !works[leertafel.CheckOut] || s.Minutes() < 45 || s.Minutes() > 180 {
				t.Errorf("%s in %s: %v in %d minutes", key, language, works, s.Minutes())
			}
		}
	}
}

// A script that goes out as a file comes back the same.
func TestScriptFile(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[A-Za-z éë"'\\#=\[\]]{1,40}[a-z]`), rapid.SampledFrom([]string{`"""`, "a\nb", "'''x", "\\", "[[phases]]"}))
	rapid.Check(t, func(t *rapid.T) {
		s := leertafel.Script{Title: "Proef", About: text.Draw(t, "about"), Phases: []leertafel.Phase{
			{Name: "Een", Work: leertafel.Write, Minutes: rapid.IntRange(0, 600).Draw(t, "minutes"), Task: text.Draw(t, "task"), Aside: text.Draw(t, "aside")},
			{Name: "Twee", Work: leertafel.Cluster, Stacks: []string{"Moet", "Kan"}, Task: "Leg neer", Handout: text.Draw(t, "handout")},
			{Name: "Drie", Work: leertafel.Vote, Dots: rapid.IntRange(1, 20).Draw(t, "dots"), Task: "Stem", Watch: text.Draw(t, "watch")},
		}}
		file, err := s.WriteFile()
		if err != nil {
			t.Fatal(err)
		}
		back, err := leertafel.ReadFile(file)
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		trim := cmp.Transformer("trim", strings.TrimSpace)
		if diff := cmp.Diff(s, back, trim, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s in\n%s", diff, file)
		}
	})
}

// A script that no session can be held by says which phase is wrong.
func TestBrokenScripts(t *testing.T) {
	const head = "title = \"Proef\"\n[[phases]]\nname = \"Een\"\nwork = \"write\"\ntask = \"Schrijf\"\n"
	for file, want := range map[string]string{
		"":                           "title",
		"title = \"Proef\"":          "phases",
		"title = \"\"\n" + head[15:]: "title",
		"title = ":                   "script.line_is_wrong",
		"\xff":                       "script.line_is_wrong",
		head + "werk = 3":            "script.unknown_word",
		head + "minutes = \"lang\"":  "script.file_is_wrong",
		head + "minutes = -1":        "phases.1.minutes",
		head + "dots = 3":            "phases.1.dots",
		head + "stacks = [\"a\"]":    "phases.1.stacks",
		head + "[[phases]]\nname=\"x\"\nwork=\"dansen\"\ntask=\"y\"":                               "phases.2.work",
		head + "[[phases]]\nname=\"x\"\nwork=\"talk\"":                                             "phases.2.task",
		head + "[[phases]]\nname=\"x\"\nwork=\"vote\"\ntask=\"y\"":                                 "phases.2.dots",
		"title = \"P\"\n[[phases]]\nname=\"x\"\nwork=\"vote\"\ndots=3\ntask=\"y\"":                 "phases.1.work",
		head + strings.Repeat("[[phases]]\nname=\"x\"\nwork=\"checkout\"\ntask=\"y\"\n", 2):        "phases.3.work",
		head + strings.Repeat("[[phases]]\nname=\"x\"\nwork=\"talk\"\ntask=\"y\"\n", 30):           "phases",
		head + "[[phases]]\nname=\"x\"\nwork=\"talk\"\ntask=\"" + strings.Repeat("y", 1001) + "\"": "phases.2.task",
		strings.Repeat("#", 200_000):                                                               "fault.too_large",
	} {
		_, err := leertafel.ReadFile([]byte(file))
		e, ok := fault.As(err)
		if !ok {
			t.Errorf("%.60q: %v", file, err)
			continue
		}
		got := e.Text.Key
		if len(e.Fields) > 0 {
			got = e.Fields[0].Name
		}
		if got != want {
			t.Errorf("%.60q: %s, want %s", file, got, want)
		}
	}
}

func TestScriptsAreKept(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		script, _ := leertafel.Example("nl", "incident")
		_, err := r.Tables.KeepScript(ctx, r.owner, r.region.ID, script)
		r.refused(err, fault.Forbidden)
		stranger := r.Person("Vera Vreemd")
		_, err = r.Tables.KeepScript(ctx, stranger, r.region.ID, script)
		r.refused(err, fault.NotFound)
		r.Join(r.admin, r.region, r.leader, community.Facilitator)
		broken := script
		broken.Phases = nil
		_, err = r.Tables.KeepScript(ctx, r.leader, r.region.ID, broken)
		r.refused(err, fault.Invalid, "phases:required")
		telling := script
		telling.About = "Voor de zaak van mevrouw Jansen, 06-12345678"
		_, err = r.Tables.KeepScript(ctx, r.leader, r.region.ID, telling)
		r.refused(err, fault.Invalid, "phases:private")

		kept, err := r.Tables.KeepScript(ctx, r.leader, r.region.ID, script)
		r.must(err)
		table, err := r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Casus", Script: kept.Ref})
		r.must(err)
		script.Title = "Incidentmethode voor ons"
		next, err := r.Tables.ChangeScript(ctx, r.leader, kept.ID, 1, script)
		r.must(err)
		same, err := r.Tables.ChangeScript(ctx, r.leader, kept.ID, 2, script)
		r.must(err)
		if kept.Version != 1 || next.Version != 2 || same.Version != 2 {
			t.Errorf("versions %d, %d, %d", kept.Version, next.Version, same.Version)
		}
		script.Title = "Te laat"
		_, err = r.Tables.ChangeScript(ctx, r.leader, kept.ID, 1, script)
		r.refused(err, fault.Conflict, "script.is_newer")
		first, err := r.Tables.Script(ctx, r.owner, kept.ID, 1)
		r.must(err)
		if first.Script.Title != "Incidentmethode" || first.Author.ID != r.leader.Person {
			t.Errorf("%+v", first)
		}
		versions, err := r.Tables.ScriptVersions(ctx, r.owner, kept.ID)
		r.must(err)
		if len(versions) != 2 || versions[0].Version != 2 {
			t.Errorf("%+v", versions)
		}
		// A table keeps the version it was laid with, and one in a child space
		// finds what is kept above it.
		if s := r.see(r.owner, table); s.Table.Script.Title != "Incidentmethode" {
			t.Errorf("%s", s.Table.Script.Title)
		}
		list, err := r.Tables.Scripts(ctx, r.owner, spaceOf(r, table))
		r.must(err)
		if len(list) != 1+len(leertafel.Examples) || list[0].Ref != kept.Ref || list[0].Script.Title != "Incidentmethode voor ons" {
			t.Errorf("%d scripts", len(list))
		}
		r.must(r.Tables.DropScript(ctx, r.leader, kept.ID))
		_, err = r.Tables.Script(ctx, r.leader, kept.ID, 0)
		r.refused(err, fault.NotFound)
		_, err = r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Casus", Script: kept.Ref})
		r.refused(err, fault.Invalid, "script:not_there")
		// A script of elsewhere cannot be taken.
		elsewhere := r.Space(r.admin, community.Hidden, 0)
		other, err := r.Tables.KeepScript(ctx, r.admin, elsewhere.ID, script)
		r.must(err)
		_, err = r.Tables.Lay(ctx, r.owner, r.region.ID, leertafel.NewTable{Title: "Casus", Script: other.Ref})
		r.refused(err, fault.Invalid, "script:not_there")
		_, err = r.Tables.Script(ctx, r.owner, other.ID, 0)
		r.refused(err, fault.NotFound)
	})
}
