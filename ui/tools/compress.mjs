// Leaves only the compressed form of text assets in dist/, which is what the binary embeds.
// HTML stays plain: each answer gets its own nonce. The build manifest moves out of reach.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ui = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(ui, 'dist');
const text = /\.(css|js|mjs|json|svg|txt|webmanifest)$/;

mkdirSync(join(ui, '.build'), { recursive: true });
renameSync(join(dist, '.vite', 'manifest.json'), join(ui, '.build', 'manifest.json'));
rmSync(join(dist, '.vite'), { recursive: true });

function walk(dir) {
  return readdirSync(dir).flatMap((n) => {
    const p = join(dir, n);
    return statSync(p).isDirectory() ? walk(p) : [p];
  });
}

for (const f of walk(dist)) {
  if (!text.test(f)) continue;
  const body = readFileSync(f);
  writeFileSync(
    `${f}.br`,
    brotliCompressSync(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
  );
  writeFileSync(`${f}.gz`, gzipSync(body, { level: 9 }));
  rmSync(f);
}
