// One account beside the list: roles with their scope, the one-time link, blocking. What ends a session says so. Escape closes.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useMay, useMe } from '@/api/me';
import { Facts, Section, SidePanel, useActWords } from '@/design/console';
import { Popover } from '@/design/core';
import { moment } from '@/design/format';
import { type User, useBlock, useInvite, useSetGrants } from '../api';
import { useText } from '../text';
import css from './auth.module.css';
import { complete, GrantsField } from './GrantsField';
import { LinkDialog } from './LinkDialog';
import { UserState } from './UserState';
import { useWords } from './useWords';

export function UserPanel({ user: u, onClose }: { user: User; onClose: () => void }) {
  const t = useText().users;
  const may = useMay();
  const me = useMe().data;
  const block = useBlock();
  const { done, failed } = useActWords();
  const blocked = u.state === 'blocked';
  const own = me?.user === u.id;
  return (
    <SidePanel
      label={t.panel}
      head={
        <>
          <h2>{u.name}</h2>
          <span className={css.soft}>{u.login}</span>
          <UserState user={u} />
        </>
      }
      onClose={onClose}
      acts={
        may('user.write') ? (
          <>
            <Invite user={u} />
            <Button
              disabled={own}
              title={own ? t.self : undefined}
              loading={block.isPending}
              onClick={() =>
                block.mutate(
                  { id: u.id, block: !blocked },
                  {
                    onSuccess: () => done(blocked ? t.unblocked(u.name) : t.blocked(u.name)),
                    onError: failed,
                  },
                )
              }
            >
              {blocked ? t.unblock : t.block}
            </Button>
          </>
        ) : undefined
      }
    >
      <Section title={t.grants}>
        <Grants key={u.rev} user={u} />
      </Section>
      <Section title={t.facts}>
        <Facts
          rows={[
            [t.col.login, u.login],
            [t.lang, t.langs[u.lang] ?? u.lang],
            ...(u.resident ? ([[t.resident, u.resident]] as [string, string][]) : []),
            ...(u.wards?.length ? ([[t.wards, u.wards.join(' ')]] as [string, string][]) : []),
            ...(u.worker ? ([[t.worker, u.worker]] as [string, string][]) : []),
            [t.col.since, moment(u.created_at)],
            [t.number, u.id],
          ]}
        />
        {may('audit.read') ? (
          <Link to="/audit" search={{ user: u.id } as never}>
            {t.trail}
          </Link>
        ) : null}
      </Section>
    </SidePanel>
  );
}

function Grants({ user: u }: { user: User }) {
  const t = useText().users;
  const may = useMay();
  const words = useWords();
  const save = useSetGrants();
  const { done, failed } = useActWords();
  const [draft, setDraft] = useState<User['grants']>();
  if (!draft) {
    return (
      <>
        {u.grants.length === 0 ? <p className={css.soft}>{t.noRoles}</p> : null}
        <ul className={css.grants}>
          {u.grants.map((g) => (
            <li key={`${g.role} ${g.place} ${g.org}`}>
              <b>{words.role(g.role)}</b>
              <small>{words.scope(g) || t.none}</small>
            </li>
          ))}
        </ul>
        {may('user.write') ? (
          <Button size="small" onClick={() => setDraft(u.grants)}>
            {t.editGrants}
          </Button>
        ) : null}
      </>
    );
  }
  return (
    <div className={css.edit}>
      <GrantsField value={draft} onChange={setDraft} />
      <div className={css.row}>
        <Button
          type="primary"
          disabled={!complete(draft, words.policy)}
          loading={save.isPending}
          onClick={() =>
            save.mutate(
              { user: u, grants: draft },
              { onSuccess: () => done(t.grantsSaved(u.name)), onError: failed },
            )
          }
        >
          {t.saveGrants}
        </Button>
        <Button onClick={() => setDraft(undefined)}>{t.cancel}</Button>
      </div>
    </div>
  );
}

function Invite({ user: u }: { user: User }) {
  const t = useText().users;
  const invite = useInvite();
  const { failed } = useActWords();
  const [token, setToken] = useState<string>();
  return (
    <>
      <Popover text={t.invite} label={t.invite}>
        {(close) => (
          <div className={css.ask}>
            <p>{t.inviteAsk}</p>
            <Button
              onClick={() => {
                close();
                invite.mutate(u.id, { onSuccess: (l) => setToken(l.token), onError: failed });
              }}
            >
              {t.inviteGo}
            </Button>
          </div>
        )}
      </Popover>
      {token ? <LinkDialog name={u.name} token={token} onClose={() => setToken(undefined)} /> : null}
    </>
  );
}
