// Package demand takes in what people need, however it is voiced: a resident's
// phone, the counter, a 12345 ticket file, a survey answer, a finding in data, an
// observation in the field, a forecast. It understands free text, brings near
// duplicates together into one case with all its reporters, and keeps one queue
// in which nothing is lost. What is understood and trusted becomes ready and is
// told to the rest of the hub; what is not waits for a clerk, whose correction
// teaches the reader at once.
//
// Tables: demand_demand, demand_reporter, demand_history, demand_correction,
// demand_photo, demand_search. View: demand_pub_demand.
package demand
