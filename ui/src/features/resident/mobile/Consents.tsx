// What the resident agreed to. The text opens in a sheet; agreeing and withdrawing are its one button.
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Failed, Loaded } from '@/design/core/StatePanel';
import { millis, moment } from '@/design/format';
import { BigButton } from '@/design/mobile/Button';
import { Card } from '@/design/mobile/Card';
import { ReadAloud } from '@/design/mobile/ReadAloud';
import { Sheet } from '@/design/mobile/Sheet';
import { useLang } from '@/i18n';
import { type Detail, type Purpose, useCodes, useGive, useWithdraw } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import css from './info.module.css';
import { useText } from './text';

export function Consents({
  resident: r,
  own,
  onSaid,
}: {
  resident: Detail;
  own: boolean;
  onSaid: (words: string) => void;
}) {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const codes = useCodes();
  const [open, setOpen] = useState<Purpose>();
  const standing = (p: Purpose) =>
    r.consents.find((c) => c.purpose === p.code && millis(c.withdrawn_at) === undefined);
  const line = (p: Purpose) => {
    const now = standing(p);
    if (now) return t.agreed(moment(now.given_at));
    const last = r.consents.findLast((c) => c.purpose === p.code);
    return last ? t.withdrawnAt(moment(last.withdrawn_at)) : t.never;
  };
  return (
    <Card title={own ? t.consents : t.consentsOf(nameOf(r))}>
      <p className={css.note}>{t.consentsNote}</p>
      <Loaded query={codes} rows={4}>
        {(c) => (
          <ul className={css.consents}>
            {c.purposes.map((p) => (
              <li key={p.code}>
                <span>
                  {w.purpose[p.code] ?? p.code}
                  <small>{line(p)}</small>
                </span>
                {may('resident.consent') ? (
                  <button type="button" className={css.act} onClick={() => setOpen(p)}>
                    {standing(p) ? t.withdraw : t.read}
                  </button>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {open ? (
        <Ask
          resident={r}
          purpose={open}
          given={Boolean(standing(open))}
          onClose={() => setOpen(undefined)}
          onSaid={(words) => {
            setOpen(undefined);
            onSaid(words);
            scrollTo(0, 0);
          }}
        />
      ) : null}
    </Card>
  );
}

function Ask({
  resident: r,
  purpose: p,
  given,
  onClose,
  onSaid,
}: {
  resident: Detail;
  purpose: Purpose;
  given: boolean;
  onClose: () => void;
  onSaid: (words: string) => void;
}) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const give = useGive();
  const withdraw = useWithdraw();
  const name = w.purpose[p.code] ?? p.code;
  const text = given ? (t.withdrawWhat[p.code] ?? p[lang]) : p[lang];
  const error = give.error ?? withdraw.error;
  return (
    <Sheet
      title={given ? t.withdrawTitle(name) : name}
      onClose={onClose}
      acts={
        <>
          <BigButton quiet onPress={onClose}>
            {given ? t.keep : t.later}
          </BigButton>
          {given ? (
            <BigButton
              busy={withdraw.isPending}
              onPress={() =>
                withdraw.mutate({ id: r.id, purpose: p.code }, { onSuccess: () => onSaid(t.withdrew(name)) })
              }
            >
              {t.withdraw}
            </BigButton>
          ) : (
            <BigButton
              busy={give.isPending}
              onPress={() =>
                give.mutate(
                  { id: r.id, purpose: p, channel: 'app' },
                  { onSuccess: () => onSaid(t.agreedNow(name)) },
                )
              }
            >
              {t.agree}
            </BigButton>
          )}
        </>
      }
    >
      {error ? <Failed error={error} inline /> : null}
      <p>{text}</p>
      <ReadAloud text={text} />
    </Sheet>
  );
}
