// antd with our tokens, our language and the nonce of this page; its messages and dialogs come from App.useApp().
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/es/locale/en_US';
import zhCN from 'antd/es/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { type ReactNode, useMemo } from 'react';
import { useLang } from '@/i18n';
import { antdTheme } from './theme';

/** The nonce Go wrote into this page; in development there is no policy and no nonce. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.nonce;

export function Kit({ children }: { children: ReactNode }) {
  const lang = useLang();
  dayjs.locale(lang === 'zh' ? 'zh-cn' : 'en');
  const theme = useMemo(antdTheme, []);
  return (
    <ConfigProvider
      csp={{ nonce }}
      locale={lang === 'zh' ? zhCN : enUS}
      theme={theme}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
    >
      <App component={false} message={{ maxCount: 2, duration: 4 }}>
        {children}
      </App>
    </ConfigProvider>
  );
}
