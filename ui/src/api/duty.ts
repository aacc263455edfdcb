/**
 * The number that always reaches a human. Until the hub knows a street's own duty desk
 * it is the government hotline, which answers around the clock in every city.
 */
export const dutyPhone = '12345';
