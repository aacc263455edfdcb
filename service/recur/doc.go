// Package recur keeps the recurring visits of residents: every week, every month,
// every so many days, each within a few days of grace. Each evening the visits that
// are due in the next two weeks are given their days, where they cost least by the
// plans that are known, the days evenly filled and holidays left out; those whose
// shifts are known become orders. A period has one order, whatever dies or runs
// twice. Its tables are recur_*.
package recur
