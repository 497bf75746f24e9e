package bare

import (
	"database/sql"
	"html/template"
	"net/http"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// pages shows a topic with its posts, from the product's own file: one question
// for the topic, one for the posts and their authors, one template. The posts'
// HTML was made when they were written.
type pages struct {
	topic, posts *sql.Stmt
}

// shown is how many posts stand on a page.
const shown = 50

func openPages(file string) (*pages, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?_pragma=query_only(1)&_time_integer_format=unix_micro&_inttotime=1")
	if err != nil {
		return nil, err
	}
	p := &pages{}
	if p.topic, err = db.Prepare(`SELECT title FROM streams WHERE id = ?`); err != nil {
		return nil, err
	}
	p.posts, err = db.Prepare(`SELECT p.id, a.id, a.name, o.name, p.created_at, p.html FROM posts p
		JOIN people a ON a.id = p.author_id JOIN organisations o ON o.id = a.organisation_id WHERE p.stream_id = ? ORDER BY p.created_rev LIMIT ?`)
	return p, err
}

type post struct {
	ID, Author         int64
	Name, Organisation string
	At                 time.Time
	HTML               template.HTML
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	title, posts, err := p.read(r.PathValue("id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page.Execute(w, map[string]any{"Title": title, "Posts": posts})
}

func (p *pages) read(id string) (title string, posts []post, err error) {
	if err := p.topic.QueryRow(id).Scan(&title); err != nil {
		return "", nil, err
	}
	rows, err := p.posts.Query(id, shown)
	if err != nil {
		return "", nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var x post
		if err := rows.Scan(&x.ID, &x.Author, &x.Name, &x.Organisation, &x.At, &x.HTML); err != nil {
			return "", nil, err
		}
		posts = append(posts, x)
	}
	return title, posts, rows.Err()
}

var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="nl">
<head><meta charset="utf-8"><title>{{.Title}}</title><link rel="stylesheet" href="/style.css"></head>
<body>
<nav><a href="/">Start</a> <a href="/ruimtes">Ruimtes</a> <a href="/zoeken">Zoeken</a></nav>
<main>
<h1>{{.Title}}</h1>
{{range .Posts}}<article id="bericht-{{.ID}}">
<header><a href="/mensen/{{.Author}}">{{.Name}}</a> <span>{{.Organisation}}</span>
<time datetime="{{.At.Format "2006-01-02T15:04:05Z07:00"}}">{{.At.Format "02-01-2006 15:04"}}</time></header>
{{.HTML}}
</article>
{{end}}</main>
</body>
</html>
`))
