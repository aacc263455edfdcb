package boost

import (
	"context"

	"linli"
)

// Learner is a model that can be trained anew: the form in which other rooms
// of the shelf take one, without knowing this room. Set the fields before Fit.
type Learner struct {
	Params Params
	Bins   int // 0: 255
	Seed   uint64
	model  *Model
}

// Fit trains on rows of equal length and a target each. It replaces what was
// learned before; after an error the former model stays.
func (l *Learner) Fit(rows [][]float64, target []float64) error {
	bins := l.Bins
	if bins == 0 {
		bins = MaxBins
	}
	columns, err := turned(rows)
	if err != nil {
		return err
	}
	d, err := NewDataset(columns, nil, nil, bins)
	if err != nil {
		return err
	}
	m, err := Train(context.Background(), d, target, l.Params, l.Seed)
	if err == nil {
		l.model = m
	}
	return err
}

// Predict answers as Model.Predict does; before Fit it is an error.
func (l *Learner) Predict(rows [][]float64) ([]float64, error) {
	if l.model == nil {
		return nil, linli.Conflict("模型尚未训练", "the model was not trained yet")
	}
	predicted, _, err := l.model.Predict(rows)
	return predicted, err
}

// Model is what Fit trained, nil before.
func (l *Learner) Model() *Model { return l.model }

// turned makes columns of rows.
func turned(rows [][]float64) ([]Column, error) {
	if len(rows) == 0 {
		return nil, linli.Invalid("rows", "没有数据行", "there are no rows")
	}
	columns := make([]Column, len(rows[0]))
	for j := range columns {
		columns[j].Values = make([]float64, len(rows))
	}
	for i, row := range rows {
		if err := checkRow(i, row, len(columns)); err != nil {
			return nil, err
		}
		for j, v := range row {
			columns[j].Values[i] = v
		}
	}
	return columns, nil
}
