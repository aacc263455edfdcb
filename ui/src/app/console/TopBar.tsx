// Top bar: where I am responsible, search, the page's clock and stream, who I am.
import { Dropdown } from 'antd';
import { saveLang, useMe, useSignOut } from '@/api/me';
import { stopStream, useStream } from '@/api/stream';
import { useNow } from '@/design/clock';
import { Icon, Slot } from '@/design/core';
import { clock, dayWord, weekday } from '@/design/format';
import { getLang, setLang, useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import css from './shell.module.css';
import { useText } from './text';

export function TopBar({ onSearch }: { onSearch: () => void }) {
  const t = useText();
  return (
    <header className={css.top}>
      <button type="button" className={css.search} onClick={onSearch} aria-keyshortcuts="Control+K">
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
      <span className={state === 'live' ? 'sr-only' : undefined}>{word}</span>
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
    <Dropdown
      trigger={['click']}
      placement="bottomRight"
      menu={{
        items: [
          ...me.grants.map((g, i) => ({ key: `g${i}`, label: g[lang], disabled: true })),
          { type: 'divider' as const },
          { key: 'lang', label: t.langOther },
          { key: 'out', label: t.signOut },
        ],
        onClick: ({ key }) => {
          if (key === 'out') void out();
          else switchLang();
        },
      }}
    >
      <button type="button" className={css.account}>
        <span>{me.name}</span>
        {role ? <small>{role}</small> : null}
        <Icon name="down" size={14} />
      </button>
    </Dropdown>
  );
}
