import type { WireResource } from '@vibrissa/mesos/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeResources } from './describe-resources.ts';
import { Resources } from './resources.ts';

const cpus = (value: number, extra: object = {}): WireResource => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value },
  ...extra,
});
const ports = (...range: [number, number][]): WireResource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: { range: range.map(([begin, end]) => ({ begin, end })) },
});
const reserved = { reservations: [{ type: 'DYNAMIC' as const, role: 'dev', principal: 'prin' }] };

test('a tenth of a cpu, ten times, is one cpu', () => {
  let sum = Resources.none;
  for (let count = 0; count < 10; count++) sum = sum.add(Resources.of([cpus(0.1)]));
  expect(sum.toWire()).toEqual([cpus(1)]);
  expect(sum.subtract(Resources.of([cpus(1)])).isEmpty).toBe(true);
});

test('what is taken and given back leaves the same, for any scalars and ports', () => {
  const amounts = fc.record({
    cpus: fc.integer({ min: 0, max: 9000 }),
    from: fc.integer({ min: 0, max: 90 }),
    length: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(amounts, { maxLength: 6 }), (parts) => {
      const whole = Resources.of([cpus(100), ports([0, 200])]);
      let left = whole;
      const taken: Resources[] = [];
      for (const part of parts) {
        const wanted = Resources.of([cpus(part.cpus / 1000), ports([part.from, part.from + part.length])]);
        if (!left.contains(wanted)) continue;
        left = left.subtract(wanted);
        expect(left.contains(wanted)).toBe(false);
        taken.push(wanted);
      }
      expect(taken.reduce((sum, part) => sum.add(part), left).toWire()).toEqual(whole.toWire());
    }),
  );
});

test('reserved and unreserved amounts are counted apart, and only the owner and roles below it are offered them', () => {
  const both = Resources.of([cpus(1, reserved), cpus(7)]);
  expect(both.contains(Resources.of([cpus(2, reserved)]))).toBe(false);
  expect(both.forRole('ops').toWire()).toEqual([cpus(7)]);
  expect(both.forRole('dev').toWire()).toEqual([cpus(1, reserved), cpus(7)]);
  expect(both.forRole('dev/web').contains(both)).toBe(true);
});

test('the format of frameworks without RESERVATION_REFINEMENT means the same', () => {
  expect(Resources.of([cpus(1, { role: '*' })]).toWire()).toEqual([cpus(1)]);
  expect(Resources.of([cpus(1, { role: 'dev', reservation: { principal: 'prin' } })]).toWire()).toEqual([
    cpus(1, reserved),
  ]);
});

test('resources are printed as a master prints them', () => {
  const text = describeResources([ports([31000, 32000]), cpus(0.5, reserved)], 'dev');
  expect(text).toBe(
    'ports(allocated: dev):[31000-32000]; cpus(allocated: dev)(reservations: [(DYNAMIC,dev,prin)]):0.5',
  );
});
