// Package bare is the baselines that the product is measured against: the usual
// hub on gorilla/websocket, and the usual page from SQLite and html/template, and
// nothing else. They know nobody, check nothing, and the hub keeps nothing.
package bare

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// Main is the process of the baselines. It ends when its standard input does.
func Main(args []string) error {
	flags := flag.NewFlagSet("bare", flag.ContinueOnError)
	file := flags.String("file", "", "SQLite file to show pages from")
	if err := flags.Parse(args); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /ws", &hub{rooms: map[string]*room{}})
	if *file != "" {
		p, err := openPages(*file)
		if err != nil {
			return err
		}
		mux.Handle("GET /gesprekken/{id}", p)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "msg=listening address=%s\n", listener.Addr())
	go http.Serve(listener, mux)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
