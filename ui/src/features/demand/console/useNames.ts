import { useCatalogNames } from '@/api/names';
import { pick, useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Guess, useOffices } from '../api';
import { useText } from './text';

/** Names for the codes a demand carries: services, offices, places. */
export function useNames() {
  const t = useText();
  const lang = useLang();
  const catalog = useCatalogNames();
  const town = useTown();
  const offices = useOffices().data?.items ?? [];
  const office = (code: string) =>
    pick(
      offices.find((o) => o.code === code),
      lang,
    ) || code;
  const meant = (g: Pick<Guess, 'spec' | 'office'> | undefined): string =>
    g?.spec ? catalog.spec(g.spec) : g?.office ? t.referTo(office(g.office)) : '';
  return {
    catalog,
    town,
    offices,
    office,
    meant,
  };
}
