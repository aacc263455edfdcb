// Package text reads what residents write: which service or department a
// message is about, which places, times, persons and dangers it names, and
// whether it was said before. It is pure: no I/O, no clock, no names of people
// in a model, and no message leaves the process.
//
// Three doors:
//   - Train or New make a Model; Classify answers with calibrated
//     probabilities, reasons and a reject flag; Correct teaches it at once.
//   - Extract finds spans (places, times, ages, roles, phones, counts, words of
//     danger) and reads them into values.
//   - Index finds near duplicates among live messages.
package text

// Doc is one message. Either part may be empty.
type Doc struct {
	Title string
	Body  string
}

// Text is the message as one string: the title, a newline, the body; only the
// part that is there when the other is empty. Spans count its runes.
func (d Doc) Text() string {
	switch {
	case d.Title == "":
		return d.Body
	case d.Body == "":
		return d.Title
	}
	return d.Title + "\n" + d.Body
}
