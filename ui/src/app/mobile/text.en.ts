import type { zh } from './text.zh';

export const en = {
  notFound: 'No such page',
  notFoundAct: 'Home',
  crash: 'This page failed. The others are not affected.',
  language: 'Language',
  signOut: 'Sign out',
  mobile: {
    toPhone: 'Use the resident or worker pages on a phone',
    wrongEntry: 'This account does not work here',
    openConsole: 'Open the console',
    openHome: 'Open the resident page',
    openWork: 'Open the worker page',
    me: 'Me',
    home: 'Home',
    today: 'Jobs of today',
    jobs: 'Jobs',
    chinese: '\u4e2d\u6587',
    account: 'Account',
    size: 'Text size',
    wipe: 'Signing out clears what was not uploaded from this phone.',
  },
} satisfies typeof zh;
