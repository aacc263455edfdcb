// First page of the phone, made of what the features put into it. An account of the other side is shown its own door.
import { useMay, useMe } from '@/api/me';
import { Slot } from '@/design/core';
import { Page } from '@/design/mobile/Page';
import { useBase } from '@/i18n/base';
import { homeOf } from '../door/home';
import css from './shell.module.css';
import { useText } from './text';

export function Home({ entry }: { entry: 'h' | 'w' }) {
  const t = useText().mobile;
  const base = useBase();
  const may = useMay();
  const { data: me } = useMe();
  const right = entry === 'h' ? may('demand.raise') : may('order.work') || may('dispatch.answer');
  const home = me ? homeOf(me) : '/';
  return (
    <Page title={entry === 'h' ? base.brand : t.today} tabs>
      {right ? (
        <Slot name={entry === 'h' ? 'h.home' : 'w.home'} with={{}} />
      ) : (
        <div className={css.wrong}>
          <p>{t.wrongEntry}</p>
          <a href={home}>{home === '/' ? t.openConsole : home === '/h/' ? t.openHome : t.openWork}</a>
        </div>
      )}
    </Page>
  );
}
