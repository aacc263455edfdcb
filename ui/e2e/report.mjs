// Tells of the walks what a person needs: one line for each that failed, with the reason, and how many there were.
// Reads the events of `node --test --test-reporter`.
import { stripVTControlCharacters } from 'node:util';

export default async function* report(events) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue;
    if (data.skip !== undefined) {
      skipped++;
      yield `skip  ${data.name}: ${data.skip}\n`;
    } else if (type === 'test:pass') passed++;
    else {
      failed++;
      const cause = data.details.error?.cause ?? data.details.error;
      const why = stripVTControlCharacters(String(cause?.message ?? cause)).replace(/\s+/g, ' ');
      yield `FAIL  ${data.name}: ${why.slice(0, 600)}\n`;
    }
  }
  yield `walks: ${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
