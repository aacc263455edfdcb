package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"linli"
)

// hub is the outside of a linli hub: an address and nothing else.
type hub struct {
	base string
	http *http.Client
}

// session is somebody signed in.
type session struct {
	*hub
	user   string
	cookie string
}

func newHub(base string) *hub {
	return &hub{base: base, http: &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxIdleConns: 128}}}
}

// problem is an answer that says no.
type problem struct {
	Status int        `json:"status"`
	Kind   linli.Kind `json:"kind"`
	Field  string     `json:"field"`
	En     string     `json:"message_en"`
	call   string
}

func (p *problem) Error() string {
	return fmt.Sprintf("%s: %d %s %s: %s", p.call, p.Status, p.Kind, p.Field, p.En)
}

// signIn steps into an account by the demo's door, which exists on loopback only.
func (h *hub) signIn(ctx context.Context, user string) (*session, error) {
	s := &session{hub: h, user: user}
	raw, err := json.Marshal(map[string]string{"user": user})
	if err != nil {
		return nil, err
	}
	res, err := s.send(ctx, "POST", "/api/v1/demo/sessions", "application/json", bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.cookie = c.Name + "=" + c.Value
	}
	return s, answer(res, "sign in", nil)
}

func (s *session) send(ctx context.Context, method, path, media string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return nil, err
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if s.cookie != "" {
		req.Header.Set("Cookie", s.cookie)
	}
	if method == "POST" {
		req.Header.Set("Idempotency-Key", linli.NewID("sim", time.Now()))
	}
	return s.http.Do(req)
}

func answer(res *http.Response, call string, out any) error {
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 400 {
		p := &problem{Status: res.StatusCode, call: call}
		_ = json.Unmarshal(raw, p) // whatever it is, the status stands
		return p
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// call sends body as JSON (nil: none) and reads the answer into out (nil: not wanted).
func (s *session) call(ctx context.Context, method, path string, body, out any) error {
	var r io.Reader
	media := ""
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r, media = bytes.NewReader(raw), "application/json"
	}
	return s.upload(ctx, method, path, media, r, out)
}

func (s *session) upload(ctx context.Context, method, path, media string, body io.Reader, out any) error {
	res, err := s.send(ctx, method, path, media, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return answer(res, method+" "+path, out)
}

func (s *session) get(ctx context.Context, path string, out any) error {
	return s.call(ctx, "GET", path, nil, out)
}

func (s *session) post(ctx context.Context, path string, body, out any) error {
	return s.call(ctx, "POST", path, body, out)
}

type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// all reads every page of a list; query must not hold a cursor.
func all[T any](ctx context.Context, s *session, path string, query url.Values) ([]T, error) {
	var out []T
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", "200")
	for {
		var page list[T]
		if err := s.get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return out, err
		}
		out = append(out, page.Items...)
		if page.Next == "" {
			return out, nil
		}
		query.Set("cursor", page.Next)
	}
}
