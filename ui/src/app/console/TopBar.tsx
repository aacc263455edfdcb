// Top bar: where I am responsible, search, the page's clock and stream, who I am.
import { useQuery } from '@tanstack/react-query';
import { get, type Page } from '@/api/client';
import { saveLang, useMay, useMe, useSignOut } from '@/api/me';
import { setScope, useScope } from '@/api/scope';
import { stopStream, useStream } from '@/api/stream';
import { useNow } from '@/design/clock';
import { Icon, Popover, Slot } from '@/design/core';
import { clock, dayWord, weekday } from '@/design/format';
import { getLang, setLang, useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import css from './shell.module.css';
import { useText } from './text';

export function TopBar({ onSearch }: { onSearch: () => void }) {
  const t = useText();
  return (
    <header className={css.top}>
      <Scope />
      <button
        type="button"
        className={css.search}
        title={t.searchHint}
        onClick={onSearch}
        aria-keyshortcuts="Control+K"
      >
        <Icon name="search" size={18} />
        <span>{t.searchHint}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <span className={css.grow} />
      <Slot name="top.primary" with={{}} />
      <LiveDot />
      <Language />
      <Account />
    </header>
  );
}

/** The communities inside of the person's area; nothing when there is no choice. */
function Scope() {
  const t = useText();
  const may = useMay();
  const scope = useScope();
  const { data: me } = useMe();
  const area = me?.scopes[0] ?? '';
  const places = useQuery({
    queryKey: ['places', 'regions', area],
    enabled: may('place.read'),
    staleTime: 10 * 60_000,
    queryFn: ({ signal }) =>
      get<Page<{ place: string; name: string }>>(
        '/api/v1/places',
        { within: area, depth: 1, limit: 100 },
        signal,
      ),
  });
  const communities = places.data?.items.filter((p) => p.place.length === 12) ?? [];
  if (communities.length < 2) return null;
  return (
    <Popover
      label={t.scopeAll}
      className={css.scope}
      text={
        <>
          {communities.find((p) => p.place === scope)?.name ?? t.scopeAll}
          <Icon name="down" size={14} />
        </>
      }
    >
      {(close) => (
        <div className={css.choices}>
          {[{ place: '', name: t.scopeAll }, ...communities].map((p) => (
            <button
              type="button"
              key={p.place}
              aria-pressed={p.place === scope}
              onClick={() => {
                setScope(p.place);
                close();
              }}
            >
              {p.name}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}

function LiveDot() {
  const t = useText();
  const base = useBase();
  const { state } = useStream();
  const now = useNow();
  const word = state === 'live' ? base.live : t.streamOff;
  return (
    <span className={css.live} data-state={state}>
      <i />
      <span title={`${dayWord(now)} ${weekday(now)}`}>
        {weekday(now)} {clock(now)}
      </span>
      <span className={state === 'live' ? 'sr-only' : css.off}>{word}</span>
    </span>
  );
}

function switchLang(): void {
  const other = getLang() === 'zh' ? 'en' : 'zh';
  setLang(other);
  saveLang(other).catch(() => undefined); // the choice holds in this browser either way
}

function Language() {
  const t = useText();
  const lang = useLang();
  return (
    <button type="button" className={css.plain} lang={lang === 'zh' ? 'en' : 'zh-CN'} onClick={switchLang}>
      {t.langOther}
    </button>
  );
}

function Account() {
  const t = useText();
  const lang = useLang();
  const { data: me } = useMe();
  const out = useSignOut(() => {
    stopStream();
    location.assign('/sign-in');
  });
  if (!me) return null;
  const role = me.grants[0]?.[lang];
  return (
    <Popover
      label={me.name}
      className={css.account}
      text={
        <>
          <span>{me.name}</span>
          {role ? <small>{role}</small> : null}
          <Icon name="down" size={14} />
        </>
      }
    >
      <div className={css.choices}>
        {me.grants.length > 1 ? (
          <p>{me.grants.map((g) => g[lang]).join(lang === 'zh' ? '、' : ', ')}</p>
        ) : null}
        <button type="button" lang={lang === 'zh' ? 'en' : 'zh-CN'} onClick={switchLang}>
          {t.langOther}
        </button>
        <button type="button" onClick={() => void out()}>
          {t.signOut}
        </button>
      </div>
    </Popover>
  );
}
