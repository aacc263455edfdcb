// What the features put into the frame. They are handed down, so that a page of the frame can be a feature itself.
import { createContext, useContext } from 'react';
import { useMay } from '@/api/me';
import { type ConsoleFeature, type MenuItem, menuGroups } from '@/design/console/frame';

const Features = createContext<readonly ConsoleFeature[]>([]);
export const FeaturesProvider = Features.Provider;
export const useFeatures = () => useContext(Features);

/** The menu items of the signed-in person, by group. */
export function useMenu(): { group: string; items: MenuItem[] }[] {
  const may = useMay();
  const all = useFeatures()
    .flatMap((f) => f.menu ?? [])
    .filter((m) => may(m.permission));
  return menuGroups
    .map((group) => ({
      group,
      items: all.filter((m) => m.group === group).sort((a, b) => a.order - b.order),
    }))
    .filter((g) => g.items.length > 0);
}
