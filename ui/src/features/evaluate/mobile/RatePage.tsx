// How a service was: five faces, what was good or wrong in one tap, 0 to 10, a few words. Only the face is needed.
import { useState } from 'react';
import { dutyPhone } from '@/api/duty';
import { Problem, wordsOf } from '@/api/problem';
import { StatePanel } from '@/design/core';
import { NoticeBar } from '@/design/mobile/Bars';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { Field } from '@/design/mobile/Field';
import { Page } from '@/design/mobile/Page';
import { RatingFaces, RatingScale } from '@/design/mobile/RatingFaces';
import { go, goBack, type PageProps } from '@/design/mobile/router';
import { pick, useLang } from '@/i18n';
import { useRate, useServed, useTags } from '../api';
import css from './rate.module.css';
import { useText } from './text';

export function RatePage({ params }: PageProps<'id'>) {
  const t = useText();
  const lang = useLang();
  const served = useServed(params.id).data;
  const tags = useTags().data?.items ?? [];
  const rate = useRate();
  const [stars, setStars] = useState<number>();
  const [nps, setNps] = useState<number>();
  const [chosen, setChosen] = useState<string[]>([]);
  const [words, setWords] = useState('');
  const good = (stars ?? 0) >= 4;
  const call = <CallButton phone={dutyPhone} compact />;
  const what = pick(served, lang);
  const home = () => go('/h/orders', { replace: true });
  if (rate.data) {
    return (
      <Page title={t.title} call={call} acts={<BigButton onPress={home}>{t.back}</BigButton>}>
        <StatePanel state="empty" title={t.thanks} detail={(stars ?? 5) <= 2 ? t.thanksLow : t.thanksGood} />
      </Page>
    );
  }
  const before = served?.stars || (rate.error instanceof Problem && rate.error.kind === 'conflict');
  return (
    <Page
      title={t.title}
      back={() => goBack(`/h/orders/${params.id}`)}
      call={call}
      acts={
        <BigButton
          disabled={!stars || Boolean(served?.stars)}
          busy={rate.isPending}
          onPress={() =>
            stars &&
            rate.mutate({ order_id: params.id, stars, nps, tags: chosen, words: words.trim() || undefined })
          }
        >
          {t.send}
        </BigButton>
      }
    >
      {rate.error ? (
        <NoticeBar urgent>{wordsOf(rate.error)}</NoticeBar>
      ) : before ? (
        <NoticeBar>{t.already}</NoticeBar>
      ) : null}
      <RatingFaces
        label={what ? t.how(what) : t.how0}
        value={stars}
        onChange={(n) => {
          setStars(n);
          setChosen([]);
        }}
      />
      {stars ? (
        <fieldset className={css.tags}>
          <legend>{good ? t.tagsGood : t.tagsBad}</legend>
          <div>
            {tags
              .filter((x) => x.good === good)
              .map((x) => (
                <button
                  type="button"
                  key={x.code}
                  aria-pressed={chosen.includes(x.code)}
                  onClick={() =>
                    setChosen(
                      chosen.includes(x.code) ? chosen.filter((c) => c !== x.code) : [...chosen, x.code],
                    )
                  }
                >
                  {pick(x, lang)}
                </button>
              ))}
          </div>
        </fieldset>
      ) : null}
      <RatingScale label={t.nps} low={t.low} high={t.high} value={nps} onChange={setNps} />
      <Field label={t.words} optional lines={3} maxLength={500} value={words} onChange={setWords} />
    </Page>
  );
}
