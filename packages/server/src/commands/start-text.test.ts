import { expect, test } from 'vitest';

import { startText } from './start-text.ts';

test('the line to paste works in a directory of any name, and calls wsk as it is called here', () => {
  const facts = {
    apiUrl: 'http://127.0.0.1:3233',
    port: 3233,
    adminUrl: undefined,
    adminSocket: '/data/admin.sock',
    dataDir: '/data',
    logFile: undefined,
    guestKeyFile: "/it's data/auth.guest",
    recovered: { resumed: 0, stopped: 0 },
  };
  const file = `'/it'\\''s data/auth.guest'`;
  const line = `wsk property set --apihost 'http://127.0.0.1:3233' --auth "$(cat ${file})"\n`;
  expect(startText(facts, 'npx wsk')).toContain(`\n  npx ${line}`);
  expect(startText(facts, 'wsk')).toContain(`\n  ${line}`);
});
