// One call: whom to ring and about what, three questions, what they say. After recording the next call stands here. Escape closes it.
import { Link } from '@tanstack/react-router';
import { Button, Form, Input, Radio } from 'antd';
import { useState } from 'react';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { Facts, Section, SidePanel, useActWords } from '@/design/console';
import { DoorPlate, Icon, StatePanel, TimeLeft } from '@/design/core';
import { moment } from '@/design/format';
import { useTown } from '@/map/town';
import { type Call, type Result, useCalls, useResult } from '../api';
import css from './evaluate.module.css';
import { useText } from './text';

type Answers = { contacted?: boolean; solved?: boolean; satisfied?: boolean };
const questions = ['contacted', 'solved', 'satisfied'] as const;

export function CallPanel({
  order,
  state,
  onNext,
}: {
  order: string;
  state: 'open' | 'done' | 'unreached';
  onNext: (order: string | undefined) => void;
}) {
  const t = useText();
  const town = useTown();
  const say = useActWords();
  const calls = useCalls(state, useScope());
  const result = useResult();
  const [answers, setAnswers] = useState<Answers>({});
  const [note, setNote] = useState('');
  const c = calls.items?.find((x) => x.order_id === order);
  if (!c) {
    return (
      <SidePanel label={t.panel} head={null} onClose={() => onNext(undefined)}>
        {calls.items ? <StatePanel state="empty" title={t.recorded} /> : <StatePanel state="loading" />}
      </SidePanel>
    );
  }
  const complete = questions.every((q) => answers[q] !== undefined);
  const open = calls.items?.filter((x) => x.order_id !== order) ?? [];
  const record = (r: Result) =>
    result.mutate(
      { order, result: { ...r, note: note.trim() || undefined } },
      {
        onSuccess: (done) => {
          say.done(
            done.state === 'done'
              ? t.recorded
              : done.state === 'unreached'
                ? t.givenUp
                : t.triedAgain(done.tries),
          );
          onNext(open[0]?.order_id);
        },
        onError: say.failed,
      },
    );
  return (
    <SidePanel
      label={t.panel}
      onClose={() => onNext(undefined)}
      head={
        <>
          <DoorPlate label={town.door(c.place)} />
          {c.state === 'open' ? <TimeLeft due={c.due_at} from={c.drawn_at} /> : null}
        </>
      }
      acts={
        c.state === 'open' ? (
          <>
            <Button
              type="primary"
              disabled={!complete}
              loading={result.isPending}
              onClick={() => record({ reached: true, ...answers })}
            >
              {t.record}
            </Button>
            <Button loading={result.isPending} onClick={() => record({ reached: false })}>
              {t.noAnswer}
            </Button>
          </>
        ) : undefined
      }
    >
      <About call={c} />
      {c.state === 'open' ? (
        <Section title={t.ask}>
          <Form layout="vertical">
            {questions.map((q) => (
              <div key={q} className={css.question}>
                <span>{t.questions[q]}</span>
                <Radio.Group
                  aria-label={t.questions[q]}
                  optionType="button"
                  value={answers[q] === undefined ? undefined : answers[q] ? 'y' : 'n'}
                  onChange={(e) => setAnswers({ ...answers, [q]: e.target.value === 'y' })}
                  options={[
                    { value: 'y', label: t.yes },
                    { value: 'n', label: t.no },
                  ]}
                />
              </div>
            ))}
            <Form.Item label={t.note} htmlFor="call-note">
              <Input.TextArea
                id="call-note"
                rows={3}
                maxLength={500}
                value={note}
                onChange={(e) => setNote(e.target.value)}
              />
            </Form.Item>
          </Form>
        </Section>
      ) : null}
    </SidePanel>
  );
}

function About({ call: c }: { call: Call }) {
  const t = useText();
  const names = useCatalogNames();
  const dialed = c.phone && !c.phone.includes('*');
  return (
    <Section title={c.name ?? t.col.who}>
      <Facts
        rows={[
          [
            t.col.phone,
            dialed ? (
              <a key="tel" className={css.phone} href={`tel:${c.phone}`}>
                <Icon name="phone" size={18} />
                {c.phone}
              </a>
            ) : (
              (c.phone ?? '—')
            ),
          ],
          [t.col.what, names.item(c.item)],
          [t.col.why, t.reason[c.reason]],
          ...(c.tries > 0 && c.at ? ([[t.col.tries, t.lastTry(moment(c.at))]] as [string, string][]) : []),
          ...(c.note ? ([[t.note, c.note]] as [string, string][]) : []),
        ]}
      />
      <Link to={`/orders/${c.order_id}`}>{t.order}</Link>
    </Section>
  );
}
