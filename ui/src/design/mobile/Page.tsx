// A page of the phone: top bar, one column, acts at the bottom under the thumb. The column reserves the height of the bottom.
import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { useBase } from '@/i18n/base';
import { Icon } from '../core';
import css from './mobile.module.css';

export function Page({
  title,
  back,
  call,
  children,
  acts,
  tabs,
}: {
  title: ReactNode;
  /** Goes back; left out on first pages. */
  back?: () => void;
  /** The way to a human: on every page of residents. */
  call?: ReactNode;
  children: ReactNode;
  /** Main act at the bottom. */
  acts?: ReactNode;
  /** This page stands above the bottom bar of tabs. */
  tabs?: boolean;
}) {
  const acting = useRef<HTMLElement>(null);
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = acting.current;
    if (!el) return;
    const watch = new ResizeObserver(() =>
      page.current?.style.setProperty('--acts-height', `${el.offsetHeight}px`),
    );
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={page} className={css.page} data-tabs={tabs} data-acts={Boolean(acts)}>
      <TopBar title={title} back={back} call={call} />
      <main className={css.column}>{children}</main>
      {acts ? (
        <footer ref={acting} className={css.acts}>
          {acts}
        </footer>
      ) : null}
    </div>
  );
}

/** Title, way back on the left, way to a human on the right. */
export function TopBar({ title, back, call }: { title: ReactNode; back?: () => void; call?: ReactNode }) {
  const t = useBase();
  return (
    <header className={css.top}>
      {back ? (
        <button type="button" className={css.back} onClick={back} aria-label={t.back}>
          <Icon name="back" size="1.2em" />
        </button>
      ) : null}
      <h1>{title}</h1>
      {call}
    </header>
  );
}
