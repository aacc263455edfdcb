package text

import "linli"

// Options say how a model is made. The zero value gives the defaults named below.
type Options struct {
	MinN, MaxN int      // lengths of the character n-grams, default 1 and 2
	Bits       int      // 2^Bits hash buckets, 10 to 24, default 20
	Cost       float64  // penalty C of the linear SVM, default 1
	Folds      int      // held-out folds for the calibration, default 5
	Error      float64  // stated error among accepted answers, default 0.05: sets the reject threshold
	Seed       uint64   // order of the coordinate descent, default 1
	Labels     []string // labels that may be answered although no row has them
	Lexicon    *Lexicon // keyword rules added to the learned score by log-odds, may be nil
}

// Model answers which label a message has. It is made of batch weights (from
// Train), keyword rules (Options.Lexicon) and the corrections made since, any
// of which may be missing. All methods may be called at the same time.
type Model struct {
	labels []string
}

// Answer is what Classify knows about one message.
type Answer struct {
	Scores    []Score // every label, the most probable first; probabilities sum to 1
	Threshold float64 // least probability of the first label that counts as an answer
	Reject    bool    // the first label is below the threshold: let a person decide
}

// Score is the probability of one label. Reasons are given for the first three labels only.
type Score struct {
	Label   string
	P       float64
	Reasons []Reason
}

// Sources of a Reason.
const (
	FromRule       = "rule"       // a keyword rule fired; Text holds its words, Rule its id
	FromBatch      = "batch"      // an n-gram weighed by the batch training
	FromCorrection = "correction" // an n-gram weighed by the corrections
)

// Reason is one part of a score: words of the message and how much they speak
// for the label (above 0) or against it, in log-odds.
type Reason struct {
	Source string
	Rule   string
	Text   string
	Weight float64
}

// Train makes a model from labeled messages. The order of the rows does not
// matter beyond ties. An error of kind invalid names a row that has no label.
func Train(docs []Doc, labels []string, o Options) (*Model, error) {
	if len(docs) != len(labels) {
		return nil, linli.Invalid("labels", "标签数与消息数不一致", "there must be one label per message")
	}
	return New(labels, o)
}

// New makes a model without training rows: it answers from the rules and from
// the corrections it will be given.
func New(labels []string, o Options) (*Model, error) {
	return &Model{labels: labels}, nil
}

// Labels lists what the model may answer, in byte order.
func (m *Model) Labels() []string { return append([]string(nil), m.labels...) }

// Digest names the training rows, rules and options in 16 hex digits; corrections do not change it.
func (m *Model) Digest() string { return "" }

// Classify answers for one message.
func (m *Model) Classify(d Doc) Answer { return Answer{} }

// Correct teaches that d has this label, at once. The id names the correction
// for Revoke; the same id again replaces the former one, so replaying is safe.
// Unknown labels are an error of kind invalid.
func (m *Model) Correct(id string, d Doc, label string) error { return nil }

// Revoke forgets a correction: the scores are, bit for bit, those of a model
// that never saw it. It is an error of kind not_found if there is none.
func (m *Model) Revoke(id string) error { return nil }

// Corrections lists the ids of the corrections in effect, oldest first.
func (m *Model) Corrections() []string { return nil }

// MarshalBinary writes the whole model, rules and corrections included, with
// its version and digest; no message body is in it.
func (m *Model) MarshalBinary() ([]byte, error) { return nil, nil }

// UnmarshalBinary reads what MarshalBinary wrote. Another version or a damaged
// file is an error of kind invalid.
func (m *Model) UnmarshalBinary(data []byte) error { return nil }

// Best is the first score, or the zero Score when the model has no labels.
func (a Answer) Best() Score {
	if len(a.Scores) == 0 {
		return Score{}
	}
	return a.Scores[0]
}

// Grouped sums the probabilities of labels with the same parent (specs into
// items), the most probable parent first.
func (a Answer) Grouped(parent func(label string) string) []Score { return nil }
