import type { zh } from './text.zh';

export const en = {
  state: {
    new: 'Just in',
    queued: 'To sort',
    hint: 'To confirm',
    ready: 'Being ordered',
    ordered: 'Ordered',
    referred: 'Referred',
    merged: 'Merged',
    withdrawn: 'Withdrawn',
    closed: 'Closed',
  },
  outcome: {
    served: 'Served',
    canceled: 'Order canceled',
    failed: 'Not done',
    answered: 'Answered',
    unlawful: 'Not lawful',
    expired: 'Expired unconfirmed',
  } as Record<string, string>,
  source: {
    resident: "Resident's phone",
    counter: 'Counter',
    ticket: '12345 ticket',
    survey: 'Survey',
    data: 'Data finding',
    observation: 'Field visit',
    forecast: 'Forecast',
    series: 'Recurring visit',
  },
  urgency: ['Can wait', 'Ordinary', 'Soon', 'Danger'],
} satisfies typeof zh;
