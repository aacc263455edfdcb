// Package picture takes in the pictures people send: it opens what it can, keeps
// the pixels and nothing else, and never unpacks more than the memory bears.
package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // decoder
	"net/http"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decoder
)

// Media is the type of every cleaned picture.
const Media = "image/jpeg"

const (
	maxPixels   = 25_000_000 // a small file can unpack to an image that fills the memory
	longestSide = 2048       // pixels kept: enough to see a crack, small on a phone
	quality     = 82
)

// ErrUnreadable says that the bytes are no JPEG, PNG or WebP, or hold too many pixels.
var ErrUnreadable = errors.New("picture: neither a JPEG, PNG nor WebP of a bearable size")

// unpacking bounds how many pictures are unpacked at once: each may take 200 MB.
var unpacking = make(chan struct{}, 2)

// Clean reads a JPEG, PNG or WebP and writes it anew as an upright JPEG of at most
// 2048 pixels a side, on white where it was transparent: nothing of where, when and
// with what it was taken survives.
func Clean(raw []byte) ([]byte, error) {
	switch http.DetectContentType(raw) {
	case "image/jpeg", "image/png", "image/webp":
	default:
		return nil, ErrUnreadable
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, ErrUnreadable
	}
	unpacking <- struct{}{}
	defer func() { <-unpacking }()
	src, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, ErrUnreadable
	}
	b := src.Bounds()
	scale := min(1, longestSide/float64(max(b.Dx(), b.Dy())))
	size := image.Rect(0, 0, max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale)))
	flat := image.NewRGBA(size)
	draw.Draw(flat, size, image.NewUniform(color.White), image.Point{}, draw.Src) // JPEG knows no transparency
	draw.ApproxBiLinear.Scale(flat, size, src, b, draw.Over, nil)
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright(flat, orientation(raw)), &jpeg.Options{Quality: quality})
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
