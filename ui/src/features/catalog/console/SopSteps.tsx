// The steps of a version as they are carried out: who, within what time, what is kept, what to look at, and what to do otherwise. Text only.
import { Panel, Wide } from '@/design/console';
import { useLang } from '@/i18n';
import type { Step } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { useNames } from './marks';
import { minutesWords } from './SlaTab';

export function SopSteps({ steps }: { steps: readonly Step[] }) {
  const t = useText().sop;
  const lang = useLang();
  const names = useNames();
  const zh = lang === 'zh';
  return (
    <Panel flush>
      <Wide label={t.view.steps}>
        <table className={css.steps}>
          <thead>
            <tr>
              <th scope="col">{t.no}</th>
              <th scope="col">{t.name}</th>
              <th scope="col">{t.owner}</th>
              <th scope="col">{t.limit}</th>
              <th scope="col">{t.evidence}</th>
              <th scope="col">{t.else}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((s, i) => {
              const check = zh ? s.check_zh : s.check_en;
              return (
                <tr key={`${i} ${s.zh}`}>
                  <td>{i + 1}</td>
                  <th scope="row">
                    {s[lang]}
                    {s.required ? <b title={t.requiredNote}>{t.required}</b> : null}
                    {check ? <small>{check}</small> : null}
                  </th>
                  <td>{names.role(s.owner)}</td>
                  <td>{s.limit_min ? minutesWords(s.limit_min) : '—'}</td>
                  <td>{s.evidence ? t.evidences[s.evidence] : '—'}</td>
                  <td>{(zh ? s.else_zh : s.else_en) || '—'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Wide>
    </Panel>
  );
}
