// Package device is the register of the sensing network: what hangs in homes and
// streets, who it speaks about, by which key it comes in, and what it may say.
//
// Its promises: a device reaches only its own topics; no sample and no event about
// a person is stored after the person has withdrawn the purpose it needs, whichever
// node takes it; what was measured is then erased within 15 working days; an alarm
// of a device with a wrong clock is taken all the same; pictures and texts of
// persons have no way in; a device that falls silent is told, many of one building
// at once as one outage. Secrets are shown once and stored as hashes.
// Tables: device_*.
package device
