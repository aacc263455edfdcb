import type { zh } from './text.zh';

export const en = {
  title: 'Rate',
  how: (what: string) => `How was it: ${what}`,
  how0: 'How was the service',
  tagsGood: 'What was good',
  tagsBad: 'What was wrong',
  nps: 'Would you recommend it to a neighbor',
  low: 'No',
  high: 'Yes, very much',
  words: 'Anything to say',
  send: 'Send',
  thanks: 'Thank you',
  thanksLow: 'We are sorry. Our staff will call you back.',
  thanksGood: 'We pass your words on to the worker.',
  back: 'My services',
  already: 'This service was rated before.',
} satisfies typeof zh;
