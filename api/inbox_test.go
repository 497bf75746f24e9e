package api_test

import (
	"encoding/json"

	"leerkring/forum"
)

// tellOf does the job that tells people of a post.
func (s *site) tellOf(post int64) {
	s.t.Helper()
	payload, err := json.Marshal(forum.Posted{Post: post})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.notify.Handlers()[forum.JobPosted](ctx, payload); err != nil {
		s.t.Fatal(err)
	}
}
