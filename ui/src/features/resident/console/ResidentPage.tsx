// One resident: particulars and family left; consents, place and what other features know right. What is sealed opens for a minute.
import { Link, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { MapPanel, Page, Panel } from '@/design/console';
import { DoorPlate, Icon, Loaded, Slot } from '@/design/core';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Detail, useCodes, useResident } from '../api';
import { useText as useWords } from '../text';
import { groupWords, nameOf } from '../words';
import { Consents } from './Consents';
import { Forget } from './Forget';
import { Contacts, Proxies } from './Near';
import { Family, Particulars, RevealBar, Sealed } from './parts';
import css from './resident.module.css';
import { useText } from './text';
import { useReveal } from './useReveal';

export function ResidentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText();
  const may = useMay();
  const q = useResident(id);
  const opened = useReveal(id);
  const r: Detail | undefined = q.data && { ...q.data, ...opened.person };
  return (
    <Loaded query={{ data: r, error: q.error, refetch: q.refetch }} rows={10}>
      {(d) => (
        <Page
          title={<Head resident={d} />}
          act={
            <>
              <RevealBar opened={opened} />
              {may('resident.write') ? (
                <Link to={`/residents/${id}/edit`}>
                  <Button>{t.edit}</Button>
                </Link>
              ) : null}
            </>
          }
        >
          <div className={css.columns}>
            <div>
              <Panel title={t.facts}>
                <Particulars resident={d} />
              </Panel>
              <Panel title={t.sealed}>
                <Sealed opened={opened} />
              </Panel>
              <Panel title={t.family}>
                <Family resident={d} />
              </Panel>
              <Panel title={t.contacts}>
                <Contacts resident={d} />
              </Panel>
              <Panel title={t.proxies}>
                <Proxies resident={d} />
              </Panel>
            </div>
            <div>
              <Slot name="resident.aside" with={{ resident: id }} wrap={(piece) => <Panel>{piece}</Panel>} />
              <Panel title={t.consents}>
                <Consents resident={d} />
              </Panel>
              <Where resident={d} />
              {may('resident.forget') ? <Forget resident={d} /> : null}
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Head({ resident: r }: { resident: Detail }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const codes = useCodes().data;
  const notes = [
    r.age ? w.years(r.age) : '',
    groupWords(codes, r.groups, lang),
    r.state === 'living' ? '' : w.state[r.state],
  ].filter(Boolean);
  return (
    <span className={css.head}>
      <Link to="/residents" aria-label={t.back} className={css.backLink}>
        <Icon name="back" />
      </Link>
      <DoorPlate label={r.door} place={r.place} size="page" />
      {nameOf(r)}
      {notes.length > 0 ? <small>{notes.join(' · ')}</small> : null}
    </span>
  );
}

function Where({ resident: r }: { resident: Detail }) {
  const t = useText();
  const town = useTown();
  const may = useMay();
  if (!may('place.read') || !r.at.lng) return null;
  const near = 0.0012;
  const { lng, lat } = r.at;
  return (
    <Panel title={t.where} note={town.name(r.place.split('/')[0] ?? '')}>
      <div className={css.mini}>
        <MapPanel
          label={t.map}
          bounds={[lng - near, lat - near, lng + near, lat + near]}
          markers={[{ id: r.id, lng, lat, kind: 'home' }]}
        />
      </div>
    </Panel>
  );
}
