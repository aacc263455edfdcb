// The chosen resident beside the list. Escape closes, the link opens the page.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { Section, SidePanel } from '@/design/console';
import { DoorPlate, Loaded } from '@/design/core';
import { type Detail, useResident } from '../api';
import { nameOf } from '../words';
import { Consents } from './Consents';
import { Contacts } from './Near';
import { Family, Particulars, RevealBar, Sealed } from './parts';
import { useText } from './text';
import { useReveal } from './useReveal';

export function ResidentPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const may = useMay();
  const q = useResident(id);
  const opened = useReveal(id);
  const r: Detail | undefined = q.data && { ...q.data, ...opened.person };
  return (
    <SidePanel
      label={t.person}
      head={
        r ? (
          <>
            <DoorPlate label={r.door} place={r.place} />
            <h2>{nameOf(r)}</h2>
          </>
        ) : null
      }
      full={`/residents/${id}`}
      onClose={onClose}
      acts={
        <>
          {may('resident.write') ? (
            <Link to={`/residents/${id}/edit`}>
              <Button>{t.edit}</Button>
            </Link>
          ) : null}
          <RevealBar opened={opened} />
        </>
      }
    >
      <Loaded query={{ data: r, error: q.error, refetch: q.refetch }} rows={8}>
        {(d) => (
          <>
            <Section title={t.facts}>
              <Particulars resident={d} brief />
            </Section>
            <Section title={t.sealed}>
              <Sealed opened={opened} />
            </Section>
            <Section title={t.family}>
              <Family resident={d} />
            </Section>
            <Section title={t.contacts}>
              <Contacts resident={d} />
            </Section>
            <Section title={t.consents}>
              <Consents resident={d} />
            </Section>
          </>
        )}
      </Loaded>
    </SidePanel>
  );
}
