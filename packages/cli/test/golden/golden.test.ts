import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorkplace, type Workplace } from '../run-wsk.ts';
import { startPlatform, type Platform } from './platform.ts';
import { playTranscript } from './transcript.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const transcripts = readdirSync(here)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.slice(0, -'.txt'.length));

let platform: Platform;
let place: Workplace;

beforeAll(async () => {
  platform = await startPlatform();
  place = makeWorkplace();
});

afterAll(async () => {
  place?.remove();
  await platform?.stop();
});

/** Rewrite the transcripts with what is printed now, to be read in the diff: WRITE_GOLDEN=1. */
const rewrite = process.env['WRITE_GOLDEN'] !== undefined;

test.each(transcripts)('every word that wsk says about %s is as it was written down', async (name) => {
  const path = `${here}${name}.txt`;
  const expected = readFileSync(path, 'utf8');
  const played = await playTranscript(expected, {
    place,
    flags: ['--apihost', platform.url, '--auth', platform.key],
    names: { HOST: platform.url, FILES: `${here}files`, WORK: place.directory, CWD: process.cwd() },
  });
  if (rewrite) writeFileSync(path, played);
  else expect(played).toBe(expected);
});
