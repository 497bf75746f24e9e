package hub

import "context"

// Broker carries messages between nodes. It has two twins: within a process and
// over Redis. It only carries: it may lose a message, give it twice, or give
// two in the other order, and it knows nothing of what is in them. None of its
// methods but Run waits for anything.
type Broker interface {
	// Remote reports whether there may be another node to hear us.
	Remote() bool
	// Publish hands a message to whoever subscribes to the channel.
	Publish(channel string, message []byte)
	// Subscribe and Unsubscribe say what this node wants to hear.
	Subscribe(channel string)
	Unsubscribe(channel string)
	// Run hands over what is heard until ctx ends. resumed is called when
	// messages may have been missed: a subscription has only now begun, or, with
	// no channel, all of them have.
	Run(ctx context.Context, heard func(channel string, message []byte), resumed func(channel string))
}
