// Starts the real binary as a demonstration on a free port and a new data folder; ends with the test.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Path of the binary: $LINLI_BIN or bin/linli. */
export const binary = process.env.LINLI_BIN ?? join(root, 'bin', 'linli');
/** Why the walks cannot run here, or false. */
export const missing = existsSync(binary) ? false : `no binary at ${binary}: make build`;

/** Starts a demonstration and gives its address; `stop` ends it and removes its data. */
export async function demo(args = ['--seed', '7', '--at', '2026-11-23T16:08:00+08:00']) {
  const data = mkdtempSync(join(tmpdir(), 'linli-e2e-'));
  const child = spawn(binary, ['demo', '--data', data, '--addr', '127.0.0.1:0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const url = await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`no address within 60 s:\n${said}`)), 60_000);
    const hear = (chunk) => {
      said += chunk;
      const m = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (m) {
        clearTimeout(late);
        done(m[0]);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => fail(new Error(`linli ended with ${code}:\n${said}`)));
  });
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url, stop };
}
