import { expect, it } from 'vitest';

import { tableText, wrapped } from './table-text.ts';

const columns = [{ heading: 'AGENT', atMost: 8 }, { heading: 'STATE' }];

it('cells that are too long are cut, and the last column gets what is left', () => {
  expect(tableText(columns, [['agent-of-a-long-name', 'running since yesterday']], 24)).toBe(
    'AGENT     STATE\nagent-o…  running since…\n',
  );
});

it('what an agent calls itself steers no terminal', () => {
  expect(tableText(columns, [['\u001b[2Jx\r', 'safe\u202egnp.\u009b31m']], 80)).toBe(
    'AGENT   STATE\n?[2Jx?  safe?gnp.?31m\n',
  );
  expect(wrapped('why: \u001b]0;title\u0007 it waits', 80, '  ')).toBe('  why: ?]0;title? it waits\n');
});
