package order

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"net/http"

	"linli"
)

const (
	maxEvidence = 8 << 20    // bytes of an upload
	maxPixels   = 25_000_000 // a small file can hold an image that fills the memory
	jpegQuality = 85
)

var errImage = linli.Invalid("body", "照片打不开，请重新拍一张（JPEG、PNG 或 WebP，不超过 8 MB）", "the picture cannot be read; send a JPEG, PNG or WebP of at most 8 MB")

// clean checks that data is a picture of a kind we keep and returns it without
// anything that tells where, when or with what it was taken. JPEG and PNG are
// written anew from their pixels, turned the way the camera was held; WebP, which
// the standard library cannot write, loses its metadata chunks.
func clean(data []byte) (media string, out []byte, err error) {
	switch media = http.DetectContentType(data); media {
	case "image/jpeg", "image/png":
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
			return "", nil, errImage
		}
		pixels, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			return "", nil, errImage
		}
		var b bytes.Buffer
		if media == "image/png" {
			err = png.Encode(&b, pixels)
		} else {
			err = jpeg.Encode(&b, turn(pixels, orientation(data)), &jpeg.Options{Quality: jpegQuality})
		}
		return media, b.Bytes(), err
	case "image/webp":
		out, ok := stripWebP(data)
		if !ok {
			return "", nil, errImage
		}
		return media, out, nil
	}
	return "", nil, errImage
}

// orientation reads how the camera was held from the Exif part of a JPEG: 1 to 8
// as in the Exif standard, 1 when it does not say.
func orientation(data []byte) int {
	for i := 2; i+4 <= len(data) && data[i] == 0xFF; {
		size := int(binary.BigEndian.Uint16(data[i+2:]))
		if data[i+1] == 0xDA || size < 2 || i+2+size > len(data) {
			return 1
		}
		if part := data[i+4 : i+2+size]; data[i+1] == 0xE1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return tiffOrientation(part[6:])
		}
		i += 2 + size
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	n := int(order.Uint16(t[at:]))
	for e := t[at+2:]; n > 0 && len(e) >= 12; n, e = n-1, e[12:] {
		if order.Uint16(e) == 0x0112 {
			if v := int(order.Uint16(e[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}

// turn brings an image upright.
func turn(src image.Image, orientation int) image.Image {
	if orientation == 1 {
		return src
	}
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	in := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(in, in.Bounds(), src, b.Min, draw.Src)
	width, height := w, h
	if orientation >= 5 {
		width, height = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range h {
		for x := range w {
			var to image.Point
			switch orientation {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			copy(out.Pix[out.PixOffset(to.X, to.Y):][:4], in.Pix[in.PixOffset(x, y):][:4])
		}
	}
	return out
}

// stripWebP keeps only the chunks of a WebP file that hold the picture itself.
func stripWebP(data []byte) ([]byte, bool) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return nil, false
	}
	out := append([]byte(nil), data[:12]...)
	picture := false
	for rest := data[12:]; len(rest) >= 8; {
		size := int64(binary.LittleEndian.Uint32(rest[4:]))
		whole := 8 + size + size&1
		if 8+size > int64(len(rest)) {
			return nil, false
		}
		chunk := rest[:min(whole, int64(len(rest)))]
		switch name := string(rest[:4]); name {
		case "VP8X":
			if size < 10 {
				return nil, false
			}
			at := len(out)
			out = append(out, chunk...)
			out[at+8] &^= 0x20 | 0x08 | 0x04 // no color profile, Exif or XMP follows
		case "VP8 ", "VP8L":
			picture = true
			out = append(out, chunk...)
		case "ALPH", "ANIM", "ANMF":
			out = append(out, chunk...)
		}
		rest = rest[len(chunk):]
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, picture
}
