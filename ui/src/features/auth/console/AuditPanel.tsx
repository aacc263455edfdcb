// One line of the trail beside the list, with the ways to everything of its person and about its subject. Escape closes.
import { Button } from 'antd';
import { Facts, SidePanel } from '@/design/console';
import { count, exact } from '@/design/format';
import type { Line } from '../api';
import { useText } from '../text';
import css from './auth.module.css';
import type { AuditSearch } from './search';
import { useWords } from './useWords';

export function AuditPanel({
  line: l,
  onClose,
  onFilter,
}: {
  line: Line;
  onClose: () => void;
  onFilter: (p: AuditSearch) => void;
}) {
  const all = useText();
  const t = all.audit;
  const words = useWords();
  const who = l.who || words.person(l.user) || l.user || t.system;
  return (
    <SidePanel
      label={t.panel}
      head={
        <>
          <h2>{t.act[l.act] ?? l.act}</h2>
          <span className={css.soft}>{exact(l.at)}</span>
        </>
      }
      onClose={onClose}
      acts={
        <>
          {l.user ? <Button onClick={() => onFilter({ user: l.user })}>{t.toUser}</Button> : null}
          {l.subject ? (
            <Button onClick={() => onFilter({ subject: l.subject })}>
              {l.subject.startsWith('res_') ? t.toResident : t.toSubject}
            </Button>
          ) : null}
        </>
      }
    >
      <Facts
        rows={[
          [t.col.who, who],
          [t.col.act, `${t.act[l.act] ?? l.act}${t.act[l.act] ? ` · ${l.act}` : ''}`],
          [t.col.subject, l.subject || '—'],
          [t.place, l.place ? words.place(l.place) : '—'],
          [t.col.class, l.class ? `${l.class} ${all.classes.names[l.class] ?? ''}` : '—'],
          [t.col.why, l.reason || '—'],
          [t.detail, l.detail || '—'],
          [t.col.seq, l.seq ? count(l.seq) : `${t.open}，${t.openNote}`],
          [
            t.hash,
            <code key="h" className={css.hash}>
              {l.hash || '—'}
            </code>,
          ],
        ]}
      />
    </SidePanel>
  );
}
