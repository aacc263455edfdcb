import type { zh } from './text.zh';

export const en = {
  langOther: '\u4e2d\u6587',
  signIn: {
    title: 'Sign in',
    name: 'Account',
    password: 'Password',
    act: 'Sign in',
    wait: 'Signing in',
    help: 'Forgot the password? The security administrator of the street office can send a one-time link.',
    demo: 'Demonstration: step into a role',
  },
  setup: {
    title: 'Set up the account',
    first: 'First use. Choose the account and password of the platform administrator.',
    again: 'Choose a password. The account was made by whoever sent the link.',
    login: 'Account',
    name: 'Name',
    password: 'Password',
    passwordHint: 'At least 10 characters',
    repeat: 'Repeat it',
    differ: 'The two passwords differ',
    act: 'Finish',
    noToken:
      'The link is incomplete. Open it again from the message, or ask the security administrator for another.',
    hasAccount: 'I have an account',
    newAccount: 'First setup',
  },
  demo: {
    title: 'Step into a role',
    lead: 'A living demonstration neighborhood: residents, workers and orders are simulated, and its clock runs at the speed of the demonstration.',
    desk: 'At the desk',
    worker: 'On the way',
    home: 'At home',
    enter: 'Enter',
    not: 'Demonstration roles work on this machine only.',
  },
} satisfies typeof zh;
