// Package evaluate asks how a service was: one rating of an order carries stars,
// the question whether one would recommend it (0 to 10), tags and words. It draws
// the sample of residents to be called back, the same for everybody who knows the
// seed, keeps the list of calls and their results, and judges items, workers and
// organizations with an interval beside every figure; fewer than 30 answers are
// shown, not judged.
//
// Of a resident it keeps a keyed hash, enough to count one answer per person and
// quarter. Tables: evaluate_rating, evaluate_callback, evaluate_setting. Views:
// evaluate_pub_rating, evaluate_pub_callback.
package evaluate
