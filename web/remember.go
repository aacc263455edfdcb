package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// errReplay ends the transaction of a request that another try carried out meanwhile.
var errReplay = errors.New("web: already carried out")

// Remember stores the answer of a creating request inside the transaction of its
// effect: both commit or neither, so a retry with the same Idempotency-Key is
// answered from here and changes nothing. out is the handler's *O.
func Remember(ctx context.Context, tx db.Tx, out any) error {
	q := requestOf(ctx)
	if q.key == "" {
		return nil // not a request: a flow or an import calls the same service
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return linli.Internal(err)
	}
	rows, err := tx.Exec(`INSERT INTO web_answer (who, key, route, body, answer, at) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT DO NOTHING`,
		auth.From(ctx).User, q.key, q.route.ID, q.body, string(raw), q.at)
	if err != nil {
		return err
	}
	if rows == 0 {
		return errReplay
	}
	q.answered = true
	return nil
}

// answer runs a handler; creating ones are answered from memory when the key was used.
func answer[I, O any](ctx context.Context, r *Router, route Route, in *I, fn func(context.Context, *I) (*O, error)) (*O, error) {
	if !route.Creates {
		return fn(ctx, in)
	}
	if out, err := recall[O](ctx, r); out != nil || err != nil {
		return out, err
	}
	out, err := fn(ctx, in)
	switch {
	case errors.Is(err, errReplay):
		out, err := recall[O](ctx, r)
		if out == nil && err == nil {
			err = linli.Internal(errors.New("web: answer of a carried-out request is missing"))
		}
		return out, err
	case err == nil && !requestOf(ctx).answered:
		return nil, linli.Internal(errors.New("web: route " + route.ID + " creates without Remember"))
	}
	return out, err
}

func recall[O any](ctx context.Context, r *Router) (*O, error) {
	q := requestOf(ctx)
	var route, body, stored string
	err := r.db.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(`SELECT route, body, answer FROM web_answer WHERE who = $1 AND key = $2`, auth.From(ctx).User, q.key).Scan(&route, &body, &stored)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case route != q.route.ID || body != q.body:
		return nil, &linli.Error{Kind: linli.KindConflict, Field: "Idempotency-Key",
			Zh: "这个 Idempotency-Key 已用于另一份内容", En: "this Idempotency-Key was used with other content"}
	}
	out := new(O)
	if err := json.Unmarshal([]byte(stored), out); err != nil {
		return nil, linli.Internal(err)
	}
	return out, nil
}
