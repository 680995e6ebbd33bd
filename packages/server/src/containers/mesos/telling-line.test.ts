import { expect, test } from 'vitest';

import { tellingLine } from './telling-line.ts';

test('after a crash of Node, what went wrong is told, and neither its version nor a frame of the stack', () => {
  const missing = `node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module '/opt/vibrissa/launch.mjs'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at node:internal/main/run_main_module:28:49 {
  code: 'MODULE_NOT_FOUND',
  requireStack: []
}

Node.js v20.20.2
`;
  expect(tellingLine(missing)).toBe("Error: Cannot find module '/opt/vibrissa/launch.mjs'");
  const required = `Error: Cannot find module 'x'
Require stack:
- /opt/vibrissa/launch.mjs
    at Module.require (node:internal/modules/cjs/loader:1225:15)

Node.js v20.20.2`;
  expect(tellingLine(required)).toBe("Error: Cannot find module 'x'");
  const ours = `file:///opt/launch.mjs:3
const = 3;
      ^

SyntaxError: Unexpected token '='

Node.js v20.20.2`;
  expect(tellingLine(ours)).toBe("SyntaxError: Unexpected token '='");
});

test('a Python program says it last', () => {
  const text = `Traceback (most recent call last):
  File "/x/runtime.py", line 3, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'`;
  expect(tellingLine(text)).toBe("ModuleNotFoundError: No module named 'nothing'");
});

test('of others it is the last line, where Mesos itself does not count', () => {
  const text = `Error: an old one
sh: 1: exec: /opt/nonode: not found
I1122 12:00:00.123456 77 exec.cpp:518] Agent exited
`;
  expect(tellingLine(text)).toBe('sh: 1: exec: /opt/nonode: not found');
});

test('there may be nothing better than what there is, and nothing at all', () => {
  expect(tellingLine('    at main (x.js:1:1)\n')).toBe('at main (x.js:1:1)');
  expect(tellingLine('Node.js v20.20.2')).toBe('Node.js v20.20.2');
  expect(tellingLine('\n\n')).toBeUndefined();
  expect(tellingLine('x'.repeat(9000))).toHaveLength(500);
});
