package demand

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // decoder
	"io"
	"net/http"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decoder

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

const (
	maxPhoto    = 5 << 20    // bytes of an upload
	maxPixels   = 25_000_000 // a small file can unpack to an image that fills the memory
	longestSide = 2048       // pixels kept: enough to see a crack, small on a phone
)

// unpacking bounds how many pictures are unpacked at once: each may take 200 MB.
var unpacking = make(chan struct{}, 2)

var errPhoto = linli.Invalid("photo", "照片打不开，请换一张（JPEG、PNG 或 WebP）", "the picture cannot be read; send a JPEG, PNG or WebP")

// cleanPhoto reads a JPEG, PNG or WebP and writes it anew as an upright JPEG of at
// most longestSide: nothing of where, when and with what it was taken survives.
func cleanPhoto(raw []byte) ([]byte, error) {
	switch http.DetectContentType(raw) {
	case "image/jpeg", "image/png", "image/webp":
	default:
		return nil, errPhoto
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, errPhoto
	}
	unpacking <- struct{}{}
	defer func() { <-unpacking }()
	src, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, errPhoto
	}
	b := src.Bounds()
	scale := min(1, longestSide/float64(max(b.Dx(), b.Dy())))
	size := image.Rect(0, 0, max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale)))
	flat := image.NewRGBA(size)
	draw.Draw(flat, size, image.NewUniform(color.White), image.Point{}, draw.Src) // JPEG knows no transparency
	draw.ApproxBiLinear.Scale(flat, size, src, b, draw.Over, nil)
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright(flat, orientation(raw)), &jpeg.Options{Quality: 82})
	return out.Bytes(), err
}

// orientation reads from the Exif part of a JPEG how the camera was held: 1 to 8
// as in the Exif standard, 1 when it does not say.
func orientation(raw []byte) int {
	for i := 2; i+4 <= len(raw) && raw[i] == 0xFF; {
		size := int(binary.BigEndian.Uint16(raw[i+2:]))
		if raw[i+1] == 0xDA || size < 2 || i+2+size > len(raw) {
			return 1
		}
		part := raw[i+4 : i+2+size]
		if tiff, ok := bytes.CutPrefix(part, []byte("Exif\x00\x00")); ok && raw[i+1] == 0xE1 && len(tiff) >= 8 {
			var order binary.ByteOrder = binary.BigEndian
			if tiff[0] == 'I' {
				order = binary.LittleEndian
			}
			at := uint64(order.Uint32(tiff[4:]))
			for n := 0; at+2+12*uint64(n+1) <= uint64(len(tiff)) && n < int(order.Uint16(tiff[at:])); n++ {
				if e := tiff[at+2+12*uint64(n):]; order.Uint16(e) == 0x0112 {
					if v := int(order.Uint16(e[8:])); v >= 1 && v <= 8 {
						return v
					}
				}
			}
			return 1
		}
		i += 2 + size
	}
	return 1
}

// upright turns an image as its orientation asks.
func upright(src *image.RGBA, orientation int) image.Image {
	if orientation == 1 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			if orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 {
				tx = w - 1 - x
			}
			if orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 {
				ty = h - 1 - y
			}
			if orientation >= 5 {
				tx, ty = ty, tx
			}
			out.SetRGBA(tx, ty, src.RGBAAt(x, y))
		}
	}
	return out
}

// Photo is the answer to an upload; ID goes into the demand that shows it.
type Photo struct {
	ID    linli.BlobID `json:"id"`
	Bytes int          `json:"bytes"`
}

// upload stores a photo under the account that sent it; only that account can
// attach it to a demand.
func (s *Service) upload(ctx context.Context, p *auth.Principal, raw []byte) (Photo, error) {
	clean, err := cleanPhoto(raw)
	if err != nil {
		return Photo{}, err
	}
	id, _, err := s.Blobs.Put(ctx, bytes.NewReader(clean), maxPhoto)
	if err != nil {
		return Photo{}, err
	}
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO demand_photo (blob, user_id, kind, bytes, at) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`,
			id, p.User, "image/jpeg", len(clean), linli.Millis(s.Now()))
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
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Cache-Control", "private, max-age=86400")
		_, _ = io.Copy(w, f) // the client may be gone
	}
}
