package mapfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
)

// readXML reads an OpenStreetMap XML file (API version 0.6).
func (c *collector) readXML(in io.Reader, g *guard) error {
	dec := xml.NewDecoder(in)
	o := newOSM(c)
	root := false
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if !root {
				return errUnknown
			}
			return nil
		}
		if err != nil {
			return asXML(err)
		}
		g.mark()
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !root {
			if start.Name.Local != "osm" {
				return errUnknown
			}
			root = true
			continue
		}
		switch start.Name.Local {
		case "node", "way", "relation":
			err = o.element(dec, start)
		default:
			err = dec.Skip()
		}
		if err != nil {
			return asXML(err)
		}
	}
}

// asXML tells a file that ends too early from one that is wrong.
func asXML(err error) error {
	var syntax *xml.SyntaxError
	if errors.Is(err, io.EOF) || errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" {
		return io.ErrUnexpectedEOF
	}
	return err
}

// element reads a node, way or relation with its children.
func (o *osm) element(dec *xml.Decoder, start xml.StartElement) error {
	attr := func(e xml.StartElement, name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	number := func(e xml.StartElement, name string) (int64, error) {
		n, err := strconv.ParseInt(attr(e, name), 10, 64)
		if err != nil {
			return 0, damaged("%s of %s is %q", name, e.Name.Local, clean(attr(e, name)))
		}
		return n, nil
	}
	id, err := number(start, "id")
	if err != nil {
		return err
	}
	tags := map[string]string{}
	var refs []int64
	var members []member
	for {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		if _, end := token.(xml.EndElement); end {
			break
		}
		child, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch child.Name.Local {
		case "tag":
			tags[clean(attr(child, "k"))] = clean(attr(child, "v"))
		case "nd":
			ref, err := number(child, "ref")
			if err != nil {
				return err
			}
			refs = append(refs, ref)
		case "member":
			if attr(child, "type") == "way" {
				ref, err := number(child, "ref")
				if err != nil {
					return err
				}
				members = append(members, member{ref, attr(child, "role")})
			}
		}
		if err := dec.Skip(); err != nil {
			return err
		}
	}
	if attr(start, "visible") == "false" || attr(start, "action") == "delete" {
		return nil
	}
	switch start.Name.Local {
	case "way":
		return o.way(id, refs, tags)
	case "relation":
		return o.relation(id, members, tags)
	}
	lng, errLng := strconv.ParseFloat(attr(start, "lon"), 64)
	lat, errLat := strconv.ParseFloat(attr(start, "lat"), 64)
	if errLng != nil || errLat != nil {
		return damaged("node %d has no position", id)
	}
	return o.node(id, lng, lat, tags)
}
