// The person's own page: size of text, language, sign-out.
import { saveLang, useMe, useSignOut } from '@/api/me';
import { wipe } from '@/api/outbox';
import { stopStream } from '@/api/stream';
import { BigButton, Card, ChoiceCards, ElderSwitch, ListRow, Page } from '@/design/mobile';
import { type Lang, setLang, useLang } from '@/i18n';
import { useEntry } from './entry';
import { useText } from './text';

export function Account() {
  const t = useText();
  const lang = useLang();
  const entry = useEntry();
  const { data: me } = useMe();
  const out = useSignOut(() => {
    stopStream();
    void wipe().finally(() => location.assign(`/${entry}/sign-in`));
  });
  return (
    <Page title={t.mobile.me} tabs>
      <Card>
        <ListRow title={me?.name} note={me?.grants.map((g) => g[lang]).join(lang === 'zh' ? '、' : ', ')} />
      </Card>
      <ElderSwitch />
      <ChoiceCards
        label={t.language}
        value={lang}
        onChange={(v) => {
          setLang(v as Lang);
          saveLang(v as Lang).catch(() => undefined); // the choice holds in this browser either way
        }}
        choices={[
          { value: 'zh', title: t.mobile.chinese },
          { value: 'en', title: 'English' },
        ]}
      />
      <BigButton quiet icon="out" onPress={() => void out()}>
        {t.signOut}
      </BigButton>
      <small>{t.mobile.wipe}</small>
    </Page>
  );
}
