package web

import (
	"encoding/json"
	"net/http"

	"linli"
)

// JSON answers a Raw route with a JSON body.
func JSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// ReadJSON reads the body of a Raw route into v, refusing unknown fields.
func ReadJSON(req *http.Request, v any) error {
	d := json.NewDecoder(req.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return statusError{linli.Invalid("body", "内容不是所要的 JSON", "the body is not the expected JSON: "+err.Error()), http.StatusBadRequest}
	}
	return nil
}
