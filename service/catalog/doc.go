// Package catalog keeps what the street offers: 3 categories, 12 items and 64
// service specifications, the promise classes P1 to P4, price models, skills,
// the standard operating procedures in versions, and the words by which people
// ask for a service. All of it starts from seed files that name their source,
// is edited by people afterward, and is read from a snapshot in memory.
//
// Tables: catalog_row (one document per row of the catalog), catalog_sop (one
// document per version of a procedure).
package catalog
