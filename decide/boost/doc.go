// Package boost grows gradient boosted trees on tables: counts, quantiles,
// yes or no, rankings. Newton boosting (Friedman 2001; Chen & Guestrin 2016)
// with leaf-wise trees on histograms of at most 255 quantile bins and one bin
// for missing values (Ke et al. 2017), LambdaMART for rankings (Burges 2010).
//
// NewDataset bins a table once; Train grows a Model on it; Predict, Contributions
// and Gain ask the model. Same table, parameters and seed give the same bytes
// for any number of threads. Missing is NaN and never zero.
package boost
