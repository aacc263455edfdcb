// Package resident is the register of places and people: regions, grids, estates,
// buildings, entrances and dwellings with their shapes and names, households,
// residents with special groups, contacts, proxies and consents; and the import
// of both from spreadsheets and maps.
//
// Its promises: sensitive fields (D3) are stored sealed under a key of the person
// and shown only with a reason that leaves a line in the audit trail; forgetting a
// person destroys the key and the rows; importing the same file again changes
// nothing; a row in error is named by its cell and the good rows stay. Tables: resident_*.
package resident
