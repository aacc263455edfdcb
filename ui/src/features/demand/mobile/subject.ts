/** Under this subject new demands wait in the outbox. */
export const subject = 'demand.new';
