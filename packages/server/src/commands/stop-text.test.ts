import { expect, test } from 'vitest';

import { stopText } from './stop-text.ts';

const left = { frameworkId: 'f7a1-0001', tasks: 4, failoverTimeoutMs: 7 * 86_400_000 };

test('the last lines say what Mesos keeps, for how long, and the command that removes it', () => {
  expect(stopText(left, "/it's data", 'npx vibrissa')).toBe(
    `Mesos keeps the framework f7a1-0001 with 4 tasks for 7 days; the next start takes them over.
To remove them now: npx vibrissa mesos teardown --yes --data-dir '/it'\\''s data'
`,
  );
});

test('there are none where nothing stays', () => {
  expect(stopText(undefined, '/data', 'vibrissa')).toBe('');
});
