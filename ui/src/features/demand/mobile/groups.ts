/** What stands behind each tile: the services offered there, the usual one first. Codes of the catalog. */
export const groups = {
  meal: ['meal-delivery', 'special-diet'],
  repair: ['plumbing', 'gas-check', 'lift-fault', 'smoke-install', 'fall-proofing'],
  care: [
    'living-care',
    'bathing',
    'home-visit',
    'emotional-comfort',
    'home-nursing',
    'medicine-delivery',
    'respite',
  ],
  home: ['cleaning', 'haircut', 'appliance', 'laundry', 'gov-agent'],
} as const;

export type Group = keyof typeof groups;
export const isGroup = (v: string | null): v is Group => v !== null && v in groups;
