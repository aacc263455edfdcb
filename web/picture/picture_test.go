package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"linli/web/picture"
)

// taken makes a JPEG whose left half is red, with an Exif part that says how
// the camera was held and where it was.
func taken(t *testing.T, orientation byte) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 32))
	for y := range 32 {
		for x := range 64 {
			c := color.RGBA{255, 0, 0, 255}
			if x >= 32 {
				c = color.RGBA{0, 0, 255, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	tiff = append(tiff, orientation, 0, 0, 0, 0, 0, 0, 0)
	exif := append([]byte("Exif\x00\x00"), append(tiff, "GPS 31.24N 121.49E"...)...)
	size := binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))
	return slices.Concat(b.Bytes()[:2], []byte{0xFF, 0xE1}, size, exif, b.Bytes()[2:])
}

func TestPicturesLoseWhereTheyWereTakenAndStandUpright(t *testing.T) {
	t.Parallel()
	// Where the red half of a picture lies after it was turned.
	for orientation, red := range map[byte]image.Point{1: {8, 16}, 2: {56, 16}, 3: {56, 16}, 4: {8, 16}, 5: {16, 8}, 6: {16, 8}, 7: {16, 56}, 8: {16, 56}} {
		clean, err := picture.Clean(taken(t, orientation))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(clean, []byte("Exif")) || bytes.Contains(clean, []byte("GPS")) {
			t.Errorf("orientation %d: the file still tells where it was", orientation)
		}
		m, err := jpeg.Decode(bytes.NewReader(clean))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := m.At(red.X, red.Y).RGBA(); r < 0xC000 || b > 0x4000 {
			t.Errorf("orientation %d: no red at %v", orientation, red)
		}
	}
	for name, raw := range map[string][]byte{
		"nothing": {}, "a text": []byte("hello"), "a broken picture": taken(t, 1)[:300], "a page": []byte("<html></html>"),
		"a picture that fills the memory": append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00"), make([]byte, 64)...),
	} {
		if _, err := picture.Clean(raw); err != picture.ErrUnreadable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// opened cleans a picture and reads it back.
func opened(t *testing.T, raw []byte) image.Image {
	t.Helper()
	out, err := picture.Clean(raw)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryKindIsKeptAsAJPEGOnWhite(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 3000, 60)) // a signature: ink on nothing
	for x := range 3000 {
		m.Set(x, 2, color.Black)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	got := opened(t, b.Bytes())
	if got.Bounds().Dx() != 2048 {
		t.Errorf("it is %d pixels wide", got.Bounds().Dx())
	}
	if r, _, _, _ := got.At(1000, 30).RGBA(); r < 0xF000 {
		t.Errorf("the paper is %x", r)
	}
	webp, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAUAmJaQAA3AA/v02aAA=")
	if err != nil {
		t.Fatal(err)
	}
	if got := opened(t, webp); got.Bounds().Dx() != 1 {
		t.Errorf("the WebP is %v", got.Bounds())
	}
}

func FuzzCleaningAPictureNeverPanics(f *testing.F) {
	f.Add([]byte("RIFF\x10\x00\x00\x00WEBPVP8 \x04\x00\x00\x00abcd"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if out, err := picture.Clean(data); (err == nil) != (len(out) > 0) {
			t.Fatalf("%d %v", len(out), err)
		}
	})
}
