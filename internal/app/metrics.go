package app

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"leerkring/hub"
	"leerkring/internal/limits"
)

// meters is what can be read at /metrics.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMeters(a *App) *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leerkring_http_request_seconds", Help: "How long requests took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	number := func(name, help string, of func(hub.Stats) int64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return float64(of(a.hub.Stats())) }))
	}
	count := func(name, help string, of func(hub.Stats) int64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(of(a.hub.Stats())) }))
	}
	number("leerkring_sockets", "Open sockets.", func(s hub.Stats) int64 { return s.Connections })
	number("leerkring_subscriptions", "Streams listened to, summed over the sockets.", func(s hub.Stats) int64 { return s.Subscriptions })
	count("leerkring_socket_frames_total", "Changes handed to sockets.", func(s hub.Stats) int64 { return s.Frames })
	count("leerkring_socket_commands_total", "Commands taken from sockets.", func(s hub.Stats) int64 { return s.Commands })
	count("leerkring_slow_sockets_total", "Sockets closed because they were too slow.", func(s hub.Stats) int64 { return s.Slow })
	count("leerkring_repairs_total", "Times the database was asked for a change that had not arrived.", func(s hub.Stats) int64 { return s.Repairs })
	return m
}

// request counts one request. HEAD and the like come in under their names;
// made-up methods do not get a series of their own.
func (m *meters) request(method, route string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	if status == 0 {
		status = http.StatusSwitchingProtocols // a socket took the connection
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// serveMetrics opens the second listener, if one is set.
func (a *App) serveMetrics() (*http.Server, error) {
	if a.Settings.Metrics == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", a.Settings.Metrics)
	if err != nil {
		return nil, fmt.Errorf("LEERKRING_METRICS: %w", err)
	}
	a.log.Info("metrics", "address", listener.Addr().String())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.meters.registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: limits.HeaderTime}
	go server.Serve(listener) // ends with server.Close
	return server, nil
}
