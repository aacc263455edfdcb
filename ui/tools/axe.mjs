// WCAG 2.0 to 2.2 A and AA by axe-core, on a page that is open in a browser.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Violations as short lines: rule, how many, first element. */
export async function axe(page) {
  // through the debugger, not as a <script>: the page's own policy would refuse that; once a document
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const found = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      resultTypes: ['violations'],
    });
    return found.violations.map((v) => ({
      id: v.id,
      help: v.help,
      nodes: v.nodes.length,
      first: v.nodes[0].target.join(' '),
    }));
  });
  return violations.map((v) => `${v.id} ×${v.nodes}: ${v.first} (${v.help})`);
}
