// The neighborhood all walks of a process share: one demonstration, one browser; each person is a context of its own.
import { after, before } from 'node:test';
import { launch } from '../tools/browser.mjs';
import { demo, missing } from './linli.mjs';

/** `url` and `browser` are there once the walks begin. */
export const town = { url: '', browser: undefined };

let stop;
before(async () => {
  if (missing) return;
  // at this speed its people take minutes for everything, so that the person of a walk is always first
  const [server, browser] = await Promise.all([demo({ speed: 0.2 }), launch()]);
  town.url = server.url;
  town.browser = browser;
  stop = server.stop;
});
after(async () => {
  await town.browser?.close();
  await stop?.();
});
