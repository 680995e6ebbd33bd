import { expect, test } from 'vitest';
import { PackageWrites } from './package-writes.ts';

const box = { namespace: 'guest', name: 'box' };

test('writes of one package happen one after another, those of others at once', async () => {
  const writes = PackageWrites.open();
  const steps: string[] = [];
  let goOn = () => {};
  const first = writes.alone(box, async () => {
    steps.push('first begins');
    await new Promise<void>((resolve) => (goOn = resolve));
    steps.push('first ends');
  });
  const second = writes.alone(box, async () => steps.push('second'));
  await writes.alone({ ...box, name: 'other' }, async () => steps.push('other'));
  goOn();
  await Promise.all([first, second]);
  expect(steps).toEqual(['first begins', 'other', 'first ends', 'second']);
});

test('a write that fails says so to its caller alone', async () => {
  const writes = PackageWrites.open();
  const failed = writes.alone(box, async () => {
    throw new Error('disk full');
  });
  const next = writes.alone(box, async () => 'written');
  await expect(failed).rejects.toThrow('disk full');
  expect(await next).toBe('written');
});
