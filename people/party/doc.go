// Package party is the register of those who take part: the twelve actor kinds
// with their rights, organizations and their members, workers with skills,
// certificates, shifts and absences, and the table of who acts in which module.
//
// Its promises: an expired certificate never proves a skill; a worker is offered
// only within shifts and outside absences; whoever plans sees a change within a
// second, on every node. Tables: party_*.
package party
