import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelAttacks } from './kernel-attacks.ts';
import { type Sandboxes, openSandboxes, openTarget, type Target } from './sandbox-fixture.ts';

let sandboxes: Sandboxes;
let target: Target;

beforeAll(async () => {
  sandboxes = await openSandboxes();
  target = await openTarget(sandboxes.factory);
});

afterAll(() => sandboxes.close());

describe('hostile code that asks the kernel', () => {
  it('reaches the kernel at all: the tool of these attacks works', async () => {
    expect(
      await target.attack(
        'def attack(args):\n    return [call(39, 172), call(63, 160, ctypes.create_string_buffer(400))]\n',
      ),
    ).toEqual(['OK', 'OK']);
  });

  // A call that another processor has can't be tried on this one.
  const possible = kernelAttacks.filter(({ only }) => only === undefined || only === process.arch);
  for (const { title, source, invalid } of possible)
    it(`can't ${title}`, async () => {
      const outcome = (await target.attack(source)) as string[];
      expect(outcome.length).toBeGreaterThan(0);
      // Refused by the filter (EPERM, ENOSYS, …) or for want of a capability: never let through, never merely mistaken.
      const refusals = /^(?:EPERM|ENOSYS|EACCES|EAFNOSUPPORT|EPROTONOSUPPORT|ENOENT)$/;
      for (const result of outcome) expect(result).toMatch(invalid ? /^(?:EPERM|EINVAL)$/ : refusals);
    });
});
