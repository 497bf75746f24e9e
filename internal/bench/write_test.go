// Package bench measures the product beside a bare baseline in the same run:
// on a machine that others share only the ratio of the two says something.
package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/clock"
	"leerkring/internal/database"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

// writers is how many people post at once.
const writers = 64

const body = "Goed idee. Zullen we dit donderdag met het hele wijkteam bespreken? Ik neem de casus van vorige week mee."

// BenchmarkPost measures forum.Post, with everything a post does: access,
// rendering, the stream's number, read state, search; and beside it the bare
// group commit of the post's row alone. Both are durable: each answer waits for
// the disk (on PostgreSQL as the server is set).
func BenchmarkPost(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		b.Run(dialect, func(b *testing.B) {
			b.Run("bare", func(b *testing.B) { benchmarkBare(b, open(b, dialect)) })
			b.Run("forum", func(b *testing.B) { benchmarkForum(b, open(b, dialect)) })
		})
	}
}

func open(b *testing.B, dialect string) *database.DB {
	b.Helper()
	options := database.Options{Path: filepath.Join(b.TempDir(), "bench.db")}
	if dialect == "postgres" {
		options = database.Options{Address: testkit.PostgreSQLAddress(b)}
	}
	db, err := database.Open(ctx, options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if _, _, err := db.Migrate(ctx); err != nil {
		b.Fatal(err)
	}
	return db
}

func benchmarkBare(b *testing.B, db *database.DB) {
	if err := db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`CREATE TABLE rows (id bigint, stream_id bigint, rev bigint, body text, html text, created_at timestamp)`)
		if err == nil {
			_, err = tx.Exec(`CREATE INDEX rows_rev ON rows (stream_id, rev)`)
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC()
	measure(b, func(writer, n int) error {
		return db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)`, writer*1_000_000+n, writer%10, n, body, body, now)
			return err
		})
	})
}

func benchmarkForum(b *testing.B, db *database.DB) {
	c := community.New(db, clock.System(), community.Announcements{})
	f := forum.New(db, clock.System(), forum.Announcements{})
	admin := person(b, c, "Beheerder", community.RoleAdmin)
	space, err := c.MakeSpace(ctx, admin, community.NewSpace{Name: "Proef", Kind: community.KindCommunity})
	if err != nil {
		b.Fatal(err)
	}
	var streams []int64
	for range 10 {
		s, err := f.Start(ctx, admin, space.ID, forum.NewStream{Kind: forum.Channel, Title: "Proef"})
		if err != nil {
			b.Fatal(err)
		}
		streams = append(streams, s.ID)
	}
	var authors []community.Actor
	for w := range writers {
		author := person(b, c, fmt.Sprint("Schrijver ", w), community.RoleMember)
		if _, err := c.PutMember(ctx, admin, space.ID, author.Person, community.Member); err != nil {
			b.Fatal(err)
		}
		authors = append(authors, author)
	}
	measure(b, func(writer, n int) error {
		_, err := f.Post(ctx, authors[writer], forum.PostInput{
			Stream: streams[writer%len(streams)], Body: body, Nonce: fmt.Sprint(writer, ".", n),
		})
		return err
	})
}

func person(b *testing.B, c *community.Community, name string, role community.PlatformRole) community.Actor {
	b.Helper()
	id, err := c.AddPerson(ctx, community.NewPerson{Name: name, Mail: testkit.MailOf(name), Role: role})
	if err != nil {
		b.Fatal(err)
	}
	return community.Actor{
		Person: id, Name: name, Role: role,
		Scopes: community.ScopeRead | community.ScopeWrite | community.ScopeAdmin,
	}
}

// measure lets the writers write, each in a closed loop, and reports how many
// writes a second they were answered.
func measure(b *testing.B, write func(writer, n int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	began := processorTime(b)
	b.ResetTimer()
	for w := range writers {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				if err := write(w, n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64((processorTime(b)-began).Microseconds())/float64(b.N), "cpu-µs/write")
}

// processorTime is what this process has used, in and out of the kernel. It
// says more than the clock on the wall where others use the machine too.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
