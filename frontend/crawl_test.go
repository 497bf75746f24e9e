package frontend_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
	"leerkring/internal/database"
)

// fill gives a group something of everything.
func fill(t *testing.T, g *pagetest.Group) {
	t.Helper()
	open := g.NewSpace("Faalkunde", community.Open, 0)
	g.NewSpace("Werkgroep", community.Closed, g.Space.ID)
	for _, kind := range []forum.Kind{forum.Channel, forum.Discussion, forum.Question, forum.Article} {
		stream := g.Start(g.Manager, g.Space, kind, "Over "+string(kind), "sleutels")
		post := g.Post(g.Anna, stream, fmt.Sprintf("Weet @[%d] dit? Zie [het adres](/zoeken?q=sleutel).", g.Bram.Person))
		if _, err := g.Forum.Post(ctx, g.Bram, forum.PostInput{Stream: stream.ID, Parent: post.ID, Body: "Ja, **dat** weet ik."}); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Forum.Edit(ctx, g.Anna, post.ID, forum.EditInput{Body: "Weet iemand dit?"}); err != nil {
			t.Fatal(err)
		}
	}
	g.Start(g.Manager, open, forum.Question, "Mag dat?")
	if _, err := g.Forum.Direct(ctx, g.Anna, []int64{g.Facilitator.Person}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Community.Invite(ctx, g.Manager, g.Space.ID, community.NewInvitation{Uses: new(3)}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Community.CreateToken(ctx, g.Manager.Person, "Rooster", community.ScopeRead); err != nil {
		t.Fatal(err)
	}
	g.Work()
}

// Following every link that there is changes nothing, and leads nowhere that is
// not there.
func TestLookingChangesNothing(t *testing.T) {
	g := pagetest.NewGroup(t)
	fill(t, g)
	for _, who := range []community.Actor{g.Manager, g.Bram, g.Olaf} {
		browser := g.As(who)
		before := dump(t, g.DB)
		visited := crawl(browser)
		t.Logf("%s saw %d pages", who.Name, len(visited))
		if len(visited) < 15 {
			t.Errorf("%s saw %d pages only", who.Name, len(visited))
		}
		for path, page := range visited {
			if page.Status != http.StatusOK && page.Status != http.StatusSeeOther {
				t.Errorf("%s: a link leads to %s, which gives %d", who.Name, path, page.Status)
			}
		}
		if after := dump(t, g.DB); after != before {
			t.Errorf("looking as %s changed the database:\n%s", who.Name, difference(before, after))
		}
	}
}

// crawl follows all links from the home page that stay here, and fills in the
// forms that only look.
func crawl(browser *pagetest.Browser) map[string]*pagetest.Page {
	visited := map[string]*pagetest.Page{}
	todo := []string{"/"}
	for len(todo) > 0 && len(visited) < 500 {
		path := todo[0]
		todo = todo[1:]
		if visited[path] != nil {
			continue
		}
		page := browser.Get(path)
		visited[path] = page
		if page.Status == http.StatusSeeOther {
			todo = append(todo, page.To())
			continue
		}
		for _, href := range page.Hrefs() {
			if u, err := url.Parse(href); err == nil && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "/static/") {
				u.Fragment = ""
				todo = append(todo, u.String())
			}
		}
		for _, form := range page.Forms() {
			if form.Method == http.MethodGet {
				todo = append(todo, form.Action+"?"+form.Fields.Encode())
			}
		}
	}
	return visited
}

// dump writes down everything in the database, except who is signed in.
func dump(t *testing.T, db *database.DB) string {
	t.Helper()
	var b strings.Builder
	err := db.Read(ctx, func(tx *database.Tx) error {
		b.Reset()
		var tables []string
		if err := tx.Select(&tables, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_%' AND name NOT LIKE 'sqlite_%' ORDER BY name`); err != nil {
			return err
		}
		for _, table := range tables {
			if table == "sessions" {
				continue
			}
			var columns []string
			if err := tx.Select(&columns, `SELECT name FROM pragma_table_info(?)`, table); err != nil {
				return err
			}
			var rows []string
			if err := tx.Select(&rows, `SELECT concat_ws('|', `+strings.Join(columns, ", ")+`) FROM `+table); err != nil {
				return err
			}
			slices.Sort(rows)
			for _, row := range rows {
				b.WriteString(table + ": " + strings.ReplaceAll(row, "\n", " ") + "\n")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() < 2000 {
		t.Fatal("hardly anything is in the database:\n", b.String())
	}
	return b.String()
}

// difference lists the lines that stand in one text alone.
func difference(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var lines []string
	for _, line := range a {
		if !slices.Contains(b, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return strings.Join(lines, "\n")
}
