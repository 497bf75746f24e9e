//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// The stores the product can use beside its own, on the servers' processor.

// errMissing says that a program is not installed: then what needs it is left
// out, with a line that says so.
var errMissing = errors.New("is not installed")

// redis is a Redis server.
type redis struct {
	process *process
	address string // redis://…
}

// startRedis starts a Redis server that keeps nothing.
func startRedis(ctx context.Context, processor int) (*redis, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis-server %w", errMissing)
	}
	for range 5 { // somebody else may take the port meanwhile
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		p, err := start(ctx, processor, nil, nil, program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp")
		if err != nil {
			return nil, err
		}
		if answersPing(ctx, p, "127.0.0.1:"+port) {
			return &redis{p, "redis://127.0.0.1:" + port}, nil
		}
		p.stop(syscall.SIGTERM)
	}
	return nil, errors.New("redis-server does not start")
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

// answersPing waits until the server answers; false when it has ended.
func answersPing(ctx context.Context, p *process, address string) bool {
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			io.WriteString(conn, "PING\r\n")
			answer := make([]byte, 5)
			_, err := io.ReadFull(conn, answer)
			conn.Close()
			if err == nil && string(answer) == "+PONG" {
				return true
			}
		}
		select {
		case <-p.ended:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// postgres is a PostgreSQL server.
type postgres struct {
	process    *process
	server     url.URL // without a database
	postmaster int     // process id
	version    string
	databases  atomic.Int64
}

// startPostgres starts a PostgreSQL server with an empty cluster, as durable as
// it is out of the box: a commit waits for the disk.
func startPostgres(ctx context.Context, processor int) (*postgres, error) {
	program, err := exec.LookPath("pg_virtualenv")
	if err != nil {
		return nil, fmt.Errorf("pg_virtualenv (PostgreSQL) %w", errMissing)
	}
	p, err := start(ctx, processor, nil, nil, program, "-t", "-o", "max_connections=200", "-o", "shared_buffers=256MB",
		"sh", "-c", `echo "BENCH $PGHOST $PGPORT $PGUSER $PGPASSWORD"; cat >/dev/null`)
	if err != nil {
		return nil, err
	}
	pg := &postgres{process: p}
	for pg.server.Host == "" {
		line, err := p.out.ReadString('\n')
		if err != nil {
			p.stop(syscall.SIGTERM)
			return nil, p.failed("it does not start")
		}
		if words := strings.Fields(line); len(words) == 5 && words[0] == "BENCH" { // the others are about its own work
			pg.server = url.URL{Scheme: "postgres", Host: net.JoinHostPort(words[1], words[2]), User: url.UserPassword(words[3], words[4])}
		}
	}
	go io.Copy(io.Discard, p.out) // ends with the process
	if err := pg.do(ctx, func(db *sql.DB) error {
		return db.QueryRowContext(ctx, `SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int, current_setting('server_version')`).
			Scan(&pg.postmaster, &pg.version)
	}); err != nil {
		pg.stop()
		return nil, err
	}
	return pg, nil
}

// do runs something on the server's own database.
func (pg *postgres) do(ctx context.Context, what func(*sql.DB) error) error {
	db, err := sql.Open("pgx", pg.database("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := what(db); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	return nil
}

// database is the address of one of the server's databases.
func (pg *postgres) database(name string) string {
	u := pg.server
	u.Path = "/" + name
	return u.String()
}

// make makes a database, as a copy of another one if there is one to copy, and
// returns its name.
func (pg *postgres) make(ctx context.Context, from string) (name string, err error) {
	if from == "" {
		from = "template0"
	}
	name = fmt.Sprintf("leerkring_bench_%d_%d", syscall.Getpid(), pg.databases.Add(1))
	return name, pg.do(ctx, func(db *sql.DB) error {
		if _, err := db.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE `+from); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, `CHECKPOINT`) // not while figures are taken
		return err
	})
}

// drop ends a database. It is called when the context may have ended.
func (pg *postgres) drop(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	pg.do(ctx, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
		return err
	})
}

func (pg *postgres) stop() { pg.process.stop(0) }

// cpu is what all its processes have used.
func (pg *postgres) cpu() (time.Duration, error) { return cpuOfTree(pg.postmaster) }
