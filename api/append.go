package api

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Posts are written most of all, once per event and by the hundred in lists, so
// their JSON is put together here by hand, in the order of the fields of
// [PostJSON]. A test compares it with what the library makes of the struct.

// MarshalJSONTo writes the post.
func (p PostJSON) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteValue(appendPost(e.AvailableBuffer(), &p))
}

// appendPost appends the JSON of a post.
func appendPost(b []byte, p *PostJSON) []byte {
	b = appendInt(b, `{"id":`, p.ID)
	b = appendInt(b, `,"stream":`, p.Stream)
	b = appendInt(b, `,"space":`, p.Space)
	b = appendInt(b, `,"rev":`, p.Rev)
	b = appendIntOrNull(b, `,"parent":`, p.Parent)
	b = appendPersonOrNull(b, `,"author":`, p.Author)
	b = appendBool(b, `,"anonymous":`, p.Anonymous)
	b = appendText(b, `,"body":`, p.Body)
	b = appendText(b, `,"html":`, p.HTML)
	b = appendMoment(append(b, `,"created_at":`...), p.CreatedAt)
	b = appendMomentOrNull(b, `,"edited_at":`, p.EditedAt)
	b = appendBool(b, `,"deleted":`, p.Deleted)
	b = appendReactions(append(b, `,"reactions":`...), p.Reactions)
	b = appendInt(b, `,"score":`, int64(p.Score))
	b = appendBool(b, `,"accepted":`, p.Accepted)
	b = append(b, `,"attachments":[`...)
	for i, a := range p.Attachments {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(b, `{"id":`, a.ID)
		b = appendText(b, `,"name":`, a.Name)
		b = appendText(b, `,"type":`, a.Type)
		b = appendInt(b, `,"size":`, a.Size)
		b = append(appendText(b, `,"url":`, a.URL), '}')
	}
	return append(b, `]}`...)
}

func appendReactions(b []byte, reactions ReactionsJSON) []byte {
	b = append(b, '{')
	for i, r := range reactions {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(appendText(b, ``, r.Emoji), `:`, int64(r.People))
	}
	return append(b, '}')
}

func appendPersonOrNull(b []byte, name string, p *PersonJSON) []byte {
	if p == nil {
		return append(append(b, name...), `null`...)
	}
	b = appendInt(append(b, name...), `{"id":`, p.ID)
	b = appendText(b, `,"name":`, p.Name)
	return append(appendText(b, `,"organisation":`, p.Organisation), '}')
}

func appendInt(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(b, name...), n, 10)
}

func appendIntOrNull(b []byte, name string, n *int64) []byte {
	if n == nil {
		return append(append(b, name...), `null`...)
	}
	return appendInt(b, name, *n)
}

func appendBool(b []byte, name string, v bool) []byte {
	return strconv.AppendBool(append(b, name...), v)
}

func appendMomentOrNull(b []byte, name string, m *Moment) []byte {
	b = append(b, name...)
	if m == nil {
		return append(b, `null`...)
	}
	return appendMoment(b, *m)
}

// appendText appends a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendText(b []byte, name, s string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), s) // its only error is about those bytes
	return b
}
