// Package app puts the rooms together. It is the only one that knows them all:
// it opens the database, connects what one room announces with who must hear,
// starts everything in order and stops it in the other.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend"
	"leerkring/frontend/live"
	"leerkring/hub"
	"leerkring/internal/clock"
	"leerkring/internal/config"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
	"leerkring/internal/limits"
	"leerkring/internal/rate"
	"leerkring/notify"
)

// App is one node.
type App struct {
	Settings  config.Settings
	DB        *database.DB
	Clock     *clock.Clock
	Community *community.Community
	Forum     *forum.Forum
	Notify    *notify.Notify

	log    *slog.Logger
	hub    *hub.Hub
	unread *notify.LiveUnread
	queue  *jobs.Queue
	api    *api.API
	pages  *frontend.Frontend
	redis  redis.UniversalClient
	meters *meters
	ready  atomic.Bool
}

// Domain is the part of a node that works without serving: what the commands of
// the command line use.
func Domain(ctx context.Context, s config.Settings, log *slog.Logger) (*App, error) {
	db, err := OpenDatabase(ctx, s)
	if err != nil {
		return nil, err
	}
	a := &App{Settings: s, DB: db, Clock: clock.System(), log: log}
	if err := a.migrate(ctx); err != nil {
		db.Close()
		return nil, err
	}
	mailer, err := openMailer(s)
	if err != nil {
		db.Close()
		return nil, err
	}
	a.Community = community.New(db, a.Clock, community.Announcements{
		AccessChanged: a.accessChanged, WorkWaits: a.workWaits,
	})
	a.Forum = forum.New(db, a.Clock, forum.Announcements{
		Changed: a.changed, Started: a.started, Seen: a.seen, WorkWaits: a.workWaits,
	})
	a.Notify = notify.New(notify.Options{
		DB: db, Clock: a.Clock, Community: a.Community, Mailer: mailer, BaseURL: s.URL, Log: log,
		Tell: notify.Announcements{Notified: a.notified, WorkWaits: a.workWaits},
	})
	return a, nil
}

// OpenDatabase opens the database that is set, without looking at its schema.
func OpenDatabase(ctx context.Context, s config.Settings) (*database.DB, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	db, err := database.Open(ctx, s.DatabaseOptions())
	if err == nil {
		return db, nil
	}
	if s.Database != "" {
		return nil, fmt.Errorf("LEERKRING_DATABASE: %w\nMake sure that the server runs, that the address, name and password are right, and that this machine may connect", err)
	}
	return nil, fmt.Errorf("LEERKRING_DATA: %w\nMake sure that the folder %s may be written by this user and that its disk is not full", err, s.Data)
}

func (a *App) migrate(ctx context.Context) error {
	from, to, err := a.DB.Migrate(ctx)
	if errors.Is(err, database.ErrNewer) {
		return fmt.Errorf("%w\nUse the version that wrote it, or a newer one, or restore a backup from before", err)
	}
	if err != nil {
		return fmt.Errorf("the database could not be brought up to date: %w", err)
	}
	if from != to {
		a.log.Info("database brought up to date", "from", from, "to", to)
	}
	return nil
}

func openMailer(s config.Settings) (notify.Mailer, error) {
	from := s.MailFrom
	if from == "" {
		from = notify.DefaultFrom(s.URL)
	}
	return notify.OpenMailer(s.SMTP, s.MailFolder(), from)
}

// Close closes a node that does not serve.
func (a *App) Close() error { return a.DB.Close() }

// Options are what a node serves with, beside its settings.
type Options struct {
	// Demo adds the page to sign in as one of the demo's people.
	Demo []frontend.DemoPerson
	// Pace makes the hub look after things at another pace, for tests.
	Pace hub.Pace
}

// Prepare makes a node ready to serve: the doors, the hub, the queue.
func (a *App) Prepare(ctx context.Context, o Options) error {
	var limiter *rate.Writers
	if !a.Settings.Unlimited() {
		limiter = rate.NewWriters(a.Clock)
	}
	var err error
	a.api, err = api.New(api.Options{
		Community: a.Community, Forum: a.Forum, Notify: a.Notify, BaseURL: a.Settings.URL, Limiter: limiter, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.pages = frontend.New(frontend.Options{
		Community: a.Community, Forum: a.Forum, Notify: a.Notify, Clock: a.Clock, Log: a.log,
		BaseURL: a.Settings.URL, Limiter: limiter, Unlimited: a.Settings.Unlimited(), Demo: o.Demo,
	})
	broker, presence, err := a.carriers(ctx)
	if err != nil {
		return err
	}
	a.hub = hub.New(hub.Options{
		Gate:      gate{a.Community, a.Community.AccessJournal(), a.Clock},
		Source:    source{a.Forum},
		Presenter: presenter{live.Fragment},
		Commands:  commands(a.api, limiter),
		Broker:    broker, Presence: presence,
		PublicURL: a.Settings.URL, QueueBytes: a.Settings.QueueBytes, Unlimited: a.Settings.Unlimited(),
		Compression: a.Settings.Compression == "on",
		Heard:       a.heard, Log: a.log, Pace: o.Pace,
	})
	a.unread = notify.NewLiveUnread(notify.LiveUnreadOptions{
		Forum: a.Forum, Community: a.Community, Log: a.log, Connected: a.hub.Connected,
		Tell:    func(person int64, u forum.StreamUnread) { a.hub.ToPersonHere(person, u.StreamID, unreadChanged(u)) },
		TellAll: func(person int64, u forum.StreamUnread) { a.hub.ToPerson(person, u.StreamID, unreadChanged(u)) },
		Share:   func(payload []byte) { a.hub.Broadcast(tellUnread, payload) },
	})
	a.queue = jobs.NewQueue(a.DB, a.Clock, a.log, a.Notify.Handlers())
	a.meters = newMeters(a)
	return nil
}

// carriers returns what joins the nodes: Redis when it is set, else nothing.
// Redis that does not answer now is a warning: it may come.
func (a *App) carriers(ctx context.Context) (hub.Broker, hub.Presence, error) {
	addresses := a.Settings.RedisAddresses()
	if len(addresses) == 0 {
		return hub.NewMemoryBus().Node(), hub.NewMemoryPresence(), nil
	}
	redis.SetLogger(redisLog{a.log})
	client, err := openRedis(addresses)
	if err != nil {
		return nil, nil, err
	}
	a.redis = client
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		a.log.Warn("Redis does not answer; going on without it until it does", "error", err)
	}
	prefix := a.Settings.RedisPrefix
	return hub.NewRedisBroker(client, prefix, a.log), hub.NewRedisPresence(client, prefix), nil
}

// redisLog takes what the library would write to stderr by itself. That Redis is
// away is said by who misses it.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.Log(ctx, slog.LevelDebug, fmt.Sprintf(format, args...))
}

// redisTime is how long Redis may take over anything.
const redisTime = 2 * time.Second

// openRedis reads the addresses; several are the nodes of a cluster.
func openRedis(addresses []string) (redis.UniversalClient, error) {
	var all redis.UniversalOptions
	for _, address := range addresses {
		o, err := redis.ParseURL(strings.TrimSpace(address))
		if err != nil {
			return nil, errors.New("LEERKRING_REDIS: an address cannot be read; it looks like redis://user:password@host:6379/0")
		}
		all.Addrs = append(all.Addrs, o.Addr)
		all.Username, all.Password, all.DB, all.TLSConfig = o.Username, o.Password, o.DB, o.TLSConfig
	}
	all.IsClusterMode = len(addresses) > 1
	// Nothing that is asked of Redis is worth waiting for, or asking twice.
	all.MaxRetries, all.DialerRetries = -1, 1
	all.DialTimeout, all.ReadTimeout, all.WriteTimeout = redisTime, redisTime, redisTime
	all.ContextTimeoutEnabled = true
	return redis.NewUniversalClient(&all), nil
}

// Serve listens and serves until ctx ends; then it stops in order and returns.
// listening is called with the address once requests are taken.
func (a *App) Serve(ctx context.Context, listening func(address string)) error {
	listener, err := net.Listen("tcp", a.Settings.Addr)
	if err != nil {
		return fmt.Errorf("LEERKRING_ADDR: %w\nIs another program using this address?", err)
	}
	server := a.server(a.Handler())
	metrics, err := a.serveMetrics()
	if err != nil {
		listener.Close()
		return err
	}

	working, stopWork := context.WithCancel(context.Background())
	defer stopWork()
	var work sync.WaitGroup
	for _, run := range []func(context.Context){a.hub.Run, a.unread.Run, a.queue.Run, a.Notify.Run, a.sweep} {
		work.Go(func() { run(working) })
	}
	failed := make(chan error, 1)
	work.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
	a.ready.Store(true)
	listening(listener.Addr().String())

	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	a.stop(server, metrics)
	stopWork()
	work.Wait()
	if a.redis != nil {
		a.redis.Close()
	}
	return errors.Join(err, a.DB.Close())
}

// stopTime bounds how long it takes to stop.
const stopTime = 8 * time.Second

// stop takes no more, sends the sockets away, and lets requests finish.
func (a *App) stop(server, metrics *http.Server) {
	a.log.Info("stopping")
	a.ready.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() {
		if err := server.Shutdown(ctx); err != nil {
			server.Close()
		}
	})
	both.Go(func() { a.hub.Drain(ctx) })
	both.Wait()
	if metrics != nil {
		metrics.Close()
	}
}

func (a *App) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: limits.HeaderTime,
		ReadTimeout:       limits.RequestTime,
		WriteTimeout:      limits.RequestTime,
		IdleTimeout:       limits.IdleTime,
		MaxHeaderBytes:    limits.RequestHeaders,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
}

// sweepEvery is how often what is over is deleted.
const sweepEvery = 10 * time.Minute

// sweep deletes what is over.
func (a *App) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := errors.Join(a.Community.Sweep(ctx), a.Notify.Sweep(ctx)); err != nil && ctx.Err() == nil {
				a.log.Warn("what is over could not be deleted", "error", err)
			}
		}
	}
}
