import { expect, test } from 'vitest';

import {
  FrameworkStateError,
  MemoryFrameworkState,
  MesosError,
  MesosScheduler,
  NoMasters,
  SandboxError,
  type AnyMesosError,
  type Shortage,
} from '../../src/index.ts';
import { outcomeOf } from './open-scheduler.ts';

/** Compiles only as long as each code belongs to one class. */
function shortageIn(error: AnyMesosError): Shortage | undefined {
  switch (error.code) {
    case 'NO_CAPACITY':
    case 'IMPOSSIBLE':
      return error.shortage;
    case 'TASK_LOST':
      return { offersSeen: 0, reasons: { [error.state]: 1 }, best: {} };
    default:
      return undefined;
  }
}

const open = (masters: string | readonly string[]) =>
  outcomeOf(MesosScheduler.open({ masters, framework: { name: 'test' } }));

test.each([['', []], ['zk://no-path'], [['http://a:5050', 'zk://b/mesos']]])(
  'masters that can not be used, such as %o, are INVALID_MASTERS',
  async (...given) => {
    for (const masters of given) {
      const error = await open(masters);
      expect(error).toBeInstanceOf(MesosError);
      expect(error).toMatchObject({ code: 'INVALID_MASTERS' });
      expect(shortageIn(error as AnyMesosError)).toBeUndefined();
    }
  },
);

test('a state that is closed, a detector that finds nobody and a sandbox tell errors of the same family', async () => {
  const state = new MemoryFrameworkState();
  await state.close();
  const closed = await outcomeOf(state.load());
  expect(closed).toBeInstanceOf(FrameworkStateError);
  for (const error of [closed, new NoMasters('none'), new SandboxError('SANDBOX_DENIED', 'no')]) {
    expect(error).toBeInstanceOf(MesosError);
    expect((error as MesosError).code).toMatch(/^[A-Z_]+$/);
  }
});
