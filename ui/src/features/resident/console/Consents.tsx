// What the resident agreed to, purpose by purpose. Recording and withdrawing take two presses each, the text in between.
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { useActWords } from '@/design/console';
import { Loaded, Popover } from '@/design/core';
import { millis, moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type Channel, type Detail, type Purpose, useCodes, useGive, useWithdraw } from '../api';
import { useText as useWords } from '../text';
import { codeName } from '../words';
import css from './resident.module.css';
import { useText } from './text';

/** Ways in which staff record a consent; "in the app" is the resident's own. */
const channels = ['counter', 'home', 'phone', 'paper'] as const;

export function Consents({ resident: r }: { resident: Detail }) {
  const codes = useCodes();
  return (
    <Loaded query={codes} rows={5}>
      {(c) => (
        <ul className={css.consents}>
          {c.purposes.map((p) => (
            <Row key={p.code} resident={r} purpose={p} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Row({ resident: r, purpose: p }: { resident: Detail; purpose: Purpose }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const may = useMay();
  const codes = useCodes().data;
  const mine = r.consents.filter((c) => c.purpose === p.code);
  const standing = mine.find((c) => millis(c.withdrawn_at) === undefined);
  const last = mine.findLast((c) => millis(c.withdrawn_at) !== undefined);
  const channel = (c: string) => codeName(codes?.channels, c, lang);
  const words = standing
    ? standing.witness
      ? t.givenBy(channel(standing.channel), moment(standing.given_at), standing.witness)
      : t.given(channel(standing.channel), moment(standing.given_at))
    : last
      ? t.withdrawnAt(moment(last.withdrawn_at))
      : t.never;
  const old = standing !== undefined && standing.version < p.version;
  return (
    <li data-given={Boolean(standing)}>
      <div>
        <b>{w.purpose[p.code] ?? p.code}</b>
        <small>{words}</small>
        {old ? <small>{t.newer(p.version)}</small> : null}
      </div>
      {may('resident.consent') ? (
        standing && !old ? (
          <Withdraw id={r.id} purpose={p} />
        ) : (
          <Give id={r.id} purpose={p} />
        )
      ) : null}
    </li>
  );
}

function Give({ id, purpose: p }: { id: string; purpose: Purpose }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const codes = useCodes().data;
  const give = useGive();
  const { done, failed } = useActWords();
  const name = w.purpose[p.code] ?? p.code;
  return (
    <Popover text={t.give} label={t.give} quiet>
      {(close) => (
        <div className={css.text}>
          <p>
            {name} · {t.version(p.version)}
          </p>
          <p>{p[lang]}</p>
          <small className={css.soft}>{t.giveHow}</small>
          <div>
            {channels.map((c: Channel) => (
              <Button
                key={c}
                size="small"
                onClick={() => {
                  close();
                  give.mutate(
                    { id, purpose: p, channel: c },
                    { onSuccess: () => done(t.gave(name)), onError: failed },
                  );
                }}
              >
                {codeName(codes?.channels, c as string, lang)}
              </Button>
            ))}
          </div>
        </div>
      )}
    </Popover>
  );
}

function Withdraw({ id, purpose: p }: { id: string; purpose: Purpose }) {
  const t = useText();
  const w = useWords();
  const withdraw = useWithdraw();
  const { done, failed } = useActWords();
  const name = w.purpose[p.code] ?? p.code;
  return (
    <Popover text={t.withdraw} label={t.withdraw} quiet>
      {(close) => (
        <div className={css.text}>
          <p>{name}</p>
          <p>{t.withdrawAsk(name)}</p>
          <div>
            <Button
              onClick={() => {
                close();
                withdraw.mutate(
                  { id, purpose: p.code },
                  { onSuccess: () => done(t.withdrew(name)), onError: failed },
                );
              }}
            >
              {t.withdraw}
            </Button>
          </div>
        </div>
      )}
    </Popover>
  );
}
