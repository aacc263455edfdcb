// An act on the board: what it would change is shown first, then it is done. Enter does it, Escape leaves.
import { useQuery } from '@tanstack/react-query';
import { Modal } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { useMinute } from '@/design/clock';
import { useActWords } from '@/design/console';
import { Loaded } from '@/design/core';
import { count } from '@/design/format';
import { type Act, tryAct, useDo } from '../api';
import { outcomeLine } from '../changes';
import { useText } from '../text';
import { ChangeList, CostWords } from './ChangeList';
import css from './dispatch.module.css';

/** Keystrokes are let pass before the board is asked. */
const settle = 300;

export function ActDialog({
  title,
  note,
  act,
  ok,
  children,
  onClose,
}: {
  title: string;
  note?: string;
  /** Left out until everything needed is chosen. */
  act?: Act;
  /** Word of the button; left out: 执行. */
  ok?: string;
  /** The fields of the act. */
  children?: ReactNode;
  onClose: () => void;
}) {
  const t = useText();
  const minute = useMinute();
  const { done, failed } = useActWords();
  const run = useDo();
  const wanted = act && JSON.stringify(act);
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const id = setTimeout(() => setAsked(wanted), settle);
    return () => clearTimeout(id);
  }, [wanted]);
  const trial = useQuery({
    queryKey: ['dispatch', 'trial', asked],
    queryFn: ({ signal }) => tryAct(JSON.parse(asked ?? '') as Act, signal),
    enabled: asked !== undefined,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const known = asked === wanted && trial.data !== undefined && !trial.isFetching;
  const submit = () => {
    if (!act) return;
    run.mutate(act, {
      onSuccess: (o) => {
        done(t.act.done(outcomeLine(o, t)));
        onClose();
      },
      onError: failed,
    });
  };
  const nothing = act?.kind === 'replan' && trial.data?.changes.length === 0;
  return (
    <Modal
      open
      title={title}
      okText={ok ?? t.act.run}
      okButtonProps={{ disabled: !known || nothing }}
      confirmLoading={run.isPending}
      onOk={submit}
      onCancel={onClose}
      width={800}
      destroyOnHidden
    >
      {note ? <p className={css.quiet}>{note}</p> : null}
      {children}
      {act ? (
        <section className={css.trial} aria-live="polite" aria-busy={!known}>
          <Loaded query={trial} rows={3}>
            {(o) => (
              <>
                <p className={css.trialLine}>
                  <b>{outcomeLine(o, t)}</b>
                  {act.kind === 'urgent' ? (
                    <span>{o.depth > 0 ? t.act.depth(count(o.depth)) : t.act.depthNone}</span>
                  ) : null}
                </p>
                <CostWords before={o.before} after={o.after} />
                {o.changes.length > 0 ? <ChangeList changes={o.changes} day={minute} /> : null}
                <small className={css.quiet}>{t.act.dry}</small>
              </>
            )}
          </Loaded>
        </section>
      ) : null}
    </Modal>
  );
}
