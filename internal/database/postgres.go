package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
)

// postgresEngine gives each function a transaction of its own. Order within a
// stream comes from row locks; the pool heals itself when the server comes back.
type postgresEngine struct {
	pool  *sqlx.DB
	bound sync.Map // text with ? → text with $1
}

const (
	// writeAttempts is how often a write is run that lost a race
	// (serialisation failure, deadlock, unique key) before it is called busy.
	writeAttempts = 8
	// postgresPatience ends a transaction on a server that has stopped
	// answering.
	postgresPatience = 15 * time.Second
)

func openPostgres(ctx context.Context, o Options) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(o.Address)
	if err != nil {
		return nil, errors.New("the address cannot be read") // err may quote the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "leerkring"
	}
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	config.RuntimeParams["lock_timeout"] = "10000"
	if o.Relaxed {
		config.RuntimeParams["synchronous_commit"] = "off"
	}
	pool := sqlx.NewDb(stdlib.OpenDB(*config, stdlib.OptionAfterConnect(timesInUTC)), "pgx")
	pool.Mapper = columns
	connections := max(8, 4*runtime.NumCPU())
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL at %s:%d does not take us: %w", config.Host, config.Port, err)
	}
	return &postgresEngine{pool: pool}, nil
}

// timesInUTC makes the driver return moments in UTC rather than in the zone of
// the machine.
func timesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

func (e *postgresEngine) handle() *sql.DB { return e.pool.DB }

func (e *postgresEngine) close() error { return e.pool.Close() }

func (e *postgresEngine) read(ctx context.Context, fn func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, postgresPatience)
	defer cancel()
	return e.transact(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
}

func (e *postgresEngine) write(ctx context.Context, fn func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, postgresPatience)
	defer cancel()
	var err error
	for attempt := range writeAttempts {
		err = e.transact(ctx, nil, fn)
		if !lostARace(err) {
			return err
		}
		pause := time.Duration(rand.Int64N(int64(5*time.Millisecond) << attempt))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
	return err
}

func (e *postgresEngine) transact(ctx context.Context, options *sql.TxOptions, fn func(*Tx) error) error {
	tx, err := e.pool.BeginTxx(ctx, options)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit this does nothing
	if err := fn(&Tx{Dialect: PostgreSQL, ctx: ctx, session: &postgresSession{ctx: ctx, engine: e, tx: tx}}); err != nil {
		return err
	}
	return tx.Commit()
}

type postgresSession struct {
	ctx    context.Context
	engine *postgresEngine
	tx     *sqlx.Tx
}

func (s *postgresSession) get(dest any, text string, args []any) error {
	return s.tx.GetContext(s.ctx, dest, s.engine.bind(text), args...)
}

func (s *postgresSession) list(dest any, text string, args []any) error {
	return s.tx.SelectContext(s.ctx, dest, s.engine.bind(text), args...)
}

func (s *postgresSession) exec(text string, args []any) (int64, error) {
	result, err := s.tx.ExecContext(s.ctx, s.engine.bind(text), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *postgresSession) insert(text string, args []any) (id int64, err error) {
	err = s.get(&id, text+` RETURNING id`, args)
	return id, err
}

// bind writes $1, $2 for ?, once per text.
func (e *postgresEngine) bind(text string) string {
	if bound, ok := e.bound.Load(text); ok {
		return bound.(string)
	}
	bound := sqlx.Rebind(sqlx.DOLLAR, text)
	e.bound.Store(text, bound)
	return bound
}

// lostARace reports whether the same function may succeed when it runs again:
// after a serialisation failure, a deadlock, or a unique key that somebody else
// took between the function's look and its write. On SQLite there is one
// writer, so none of these happens.
func lostARace(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01" || e.Code == "23505")
}

// isPostgresTrouble knows the SQLSTATE classes that are nobody's mistake, and
// connections that ended or never came to be.
func isPostgresTrouble(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true // whatever the server said to it
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code[:min(2, len(e.Code))] {
		case "08", "40", "53", "54", "55", "57", "58", "XX":
			return true // connection, rollback, resources, limits, state, operator, system, internal
		}
		return e.Code == "25006" || strings.HasPrefix(e.Code, "F0") || e.Code == "25P03"
	}
	var network net.Error
	return errors.As(err, &network) || pgconn.Timeout(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, driver.ErrBadConn) || strings.Contains(err.Error(), "conn closed")
}
