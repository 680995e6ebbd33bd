import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openLog } from './pino-logger.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'vibrissa-log-'))));
afterEach(() => rmSync(directory, { recursive: true }));

async function linesOf(file: string, count: number): Promise<{ [field: string]: unknown }[]> {
  for (;;) {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    if (lines.length >= count) return lines.map((line) => JSON.parse(line) as { [field: string]: unknown });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the log', () => {
  it('writes JSON lines to a file that only its owner reads', async () => {
    const file = join(directory, 'v.log');
    const { logger } = openLog({ level: 'info', file });
    logger.debug({}, 'Nobody needs this');
    logger.child({ invoker: 0 }).info({ kind: 'nodejs:20' }, 'Prewarmed');
    const [line] = await linesOf(file, 1);
    expect(line).toMatchObject({ msg: 'Prewarmed', invoker: 0, kind: 'nodejs:20' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('shows no key, however deep it lies in the fields', async () => {
    const file = join(directory, 'v.log');
    const { logger } = openLog({ level: 'info', file });
    const secret = 'abcdefghijklmnop';
    logger.info(
      { authkey: secret, user: { authkey: secret }, message: { user: { authkey: secret } } },
      'Run',
    );
    logger.info({ headers: { authorization: secret } }, 'Request');
    await linesOf(file, 2);
    expect(readFileSync(file, 'utf8')).not.toContain(secret);
  });

  it('puts a log aside that has grown over 16 MiB', async () => {
    const file = join(directory, 'v.log');
    writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, 'x'));
    openLog({ level: 'info', file }).logger.info({}, 'New');
    expect(await linesOf(file, 1)).toHaveLength(1);
    expect(statSync(`${file}.1`).size).toBe(17 * 1024 * 1024);
  });
});
