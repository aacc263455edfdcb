package demand

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
	"linli/web/picture"
)

const maxPhoto = 5 << 20 // bytes of an upload

var errPhoto = linli.Invalid("photo", "照片打不开，请换一张（JPEG、PNG 或 WebP）", "the picture cannot be read; send a JPEG, PNG or WebP")

// Photo is the answer to an upload; ID goes into the demand that shows it.
type Photo struct {
	ID    linli.BlobID `json:"id"`
	Bytes int          `json:"bytes"`
}

// upload stores a photo under the account that sent it; only that account can
// attach it to a demand.
func (s *Service) upload(ctx context.Context, p *auth.Principal, raw []byte) (Photo, error) {
	clean, err := picture.Clean(raw)
	if err != nil {
		return Photo{}, errPhoto
	}
	id, _, err := s.Blobs.Put(ctx, bytes.NewReader(clean), maxPhoto)
	if err != nil {
		return Photo{}, err
	}
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO demand_photo (blob, user_id, kind, bytes, at) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`,
			id, p.User, picture.Media, len(clean), linli.Millis(s.Now()))
		return err
	})
	return Photo{id, len(clean)}, err
}

// attach gives the photos of a new demand to it; a photo that this account has not
// uploaded is refused, so nobody can look at a picture by guessing its name.
func (s *Service) attach(tx db.Tx, p *auth.Principal, d *Demand) error {
	for _, id := range d.Photos {
		n, err := tx.Exec(`INSERT INTO demand_photo (blob, user_id, demand, kind, bytes, at)
			SELECT blob, user_id, $1, kind, bytes, at FROM demand_photo WHERE blob = $2 AND user_id = $3 AND demand = ''
			ON CONFLICT DO NOTHING`, d.ID, id, p.User)
		if err != nil {
			return err
		}
		if n == 0 {
			return linli.Invalid("photos", "照片没有传上来，请重新拍", "the photo was not uploaded; take it again")
		}
	}
	return nil
}

func (s *Service) postPhoto(r *web.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		raw, err := io.ReadAll(req.Body)
		if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
			err = linli.Invalid("photo", "照片超过 5 MB，请压缩后再传", "the picture is larger than 5 MB")
		} else if err != nil {
			err = linli.Invalid("photo", "照片没有传完，请再传一次", "the picture did not arrive completely; send it again")
		}
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		photo, err := s.upload(req.Context(), auth.From(req.Context()), raw)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		web.JSON(w, http.StatusCreated, photo)
	}
}

func (s *Service) getPhoto(r *web.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		ctx := req.Context()
		p, id := auth.From(ctx), linli.BlobID(req.PathValue("blob"))
		err := s.DB.Read(ctx, func(tx db.Tx) error {
			d, err := load(tx, p, "demand.read", linli.DemandID(req.PathValue("id")), 0)
			if err != nil {
				return err
			}
			var n int
			if err := tx.QueryRow(`SELECT COUNT(*) FROM demand_photo WHERE blob = $1 AND demand = $2`, id, d.ID).Scan(&n); err != nil {
				return err
			}
			// A picture shows the home: it is seen by those who see the need in full.
			if n == 0 || p.Sees(auth.D1, d.row(), false) != auth.Full {
				return linli.NotFound("没有这张照片", "there is no such photo")
			}
			return nil
		})
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		f, err := s.Blobs.Get(ctx, id)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		defer f.Close()
		w.Header().Set("Content-Type", picture.Media)
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.Header().Set("Cache-Control", "private, max-age=86400")
		_, _ = io.Copy(w, f) // the client may be gone
	}
}
