import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { at, runWsk } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 600);
const documented = new Set([0, 1, 2, 3, 148, 149, 202, 245]);
const groups = ['package', 'trigger', 'rule', 'action', 'namespace', 'sdk', 'list'];
const verbs = [
  'create',
  'update',
  'get',
  'delete',
  'list',
  'bind',
  'refresh',
  'fire',
  'enable',
  'status',
  'install',
];
const flags = [
  '-p',
  '-a',
  '-P',
  '-A',
  '-F',
  '-T',
  '-f',
  '-o',
  '-s',
  '-l',
  '-n',
  '--feed',
  '--shared',
  '--',
  '-v',
];
const hostile = [
  '__proto__',
  'constructor',
  '..',
  '/',
  '//',
  '/_',
  '-',
  '=',
  '--=',
  '%2e%2e',
  '\u001b[2J',
  '\u0000',
  '💥',
  '{"a":',
  'a\nb',
];

function printed(text: string): string {
  return text.replace(/[\t\n]/g, '').replace(/\u001b\[\d*[mK]/g, '');
}

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...verbs) },
  { weight: 3, arbitrary: fc.constantFrom(...flags) },
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  { weight: 2, arbitrary: fc.constantFrom('FILE', 'BROKEN', 'FOLDER') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

test('whatever words are given, wsk ends with a documented exit code and steers no terminal', async () => {
  writeFileSync(whisk.place.path('good.json'), '{"__proto__": {"polluted": 1}, "toString": null}');
  writeFileSync(whisk.place.path('broken.json'), `${'['.repeat(5000)}"\u0001`);
  const paths = new Map([
    ['FILE', whisk.place.path('good.json')],
    ['BROKEN', whisk.place.path('broken.json')],
    ['FOLDER', whisk.place.directory],
  ]);
  const line = fc.tuple(
    fc.constantFrom(...groups),
    fc.constantFrom(...verbs),
    fc.array(word, { maxLength: 7 }),
  );
  await fc.assert(
    fc.asyncProperty(line, async ([group, verb, rest]) => {
      const words = [
        group,
        ...(group === 'list' ? [] : [verb]),
        ...rest.map((text) => paths.get(text) ?? text),
      ];
      if (words.includes('bashauto')) return;
      const outcome = await runWsk(whisk.place, [...at(whisk.server.url), ...words], { terminal: true });
      expect(documented).toContain(outcome.exitCode);
      expect(outcome.stderr).not.toContain('Unexpected failure');
      expect(printed(outcome.stdout + outcome.stderr)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    }),
    { numRuns: RUNS, seed: 20_261_122 },
  );
});
