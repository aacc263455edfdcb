// WCAG 2.0 to 2.2 A and AA by axe-core, on a page that is open in a browser.
import { createRequire } from 'node:module';

const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Violations as short lines: rule, how many, first element. */
export async function axe(page) {
  // through the debugger, not as a <script>: the page's own policy would refuse that
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(path, 'utf8'));
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    }),
  );
  return violations.map((v) => `${v.id} ×${v.nodes.length}: ${v.nodes[0].target.join(' ')} (${v.help})`);
}
