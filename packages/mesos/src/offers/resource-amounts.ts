import type { ResourceNeed } from './placement.ts';

/** One number for each of `cpus`, `mem`, `disk`, `gpus` (in thousandths) and `ports` (how many), in this order. */
export type Amounts = readonly number[];

export const SCALAR_NAMES: readonly string[] = ['cpus', 'mem', 'disk', 'gpus'];

/** Where {@link Amounts} count the gpus. */
export const GPUS = 3;

/** Where {@link Amounts} count the ports. */
export const PORTS = 4;

/**
 * Thousandths of a scalar as it travels. Mesos itself keeps three decimals; as integers, ten times 0.1 is 1.
 * What is no positive number counts as nothing.
 */
export function toMilli(value: number): number {
  const milli = Math.round(value * 1000);
  return Number.isFinite(milli) && milli > 0 ? milli : 0;
}

/** What all units take together. */
export function amountsOf(units: readonly ResourceNeed[]): Amounts {
  const sum: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  for (const unit of units) {
    sum[0] += unit.cpusMilli;
    sum[1] += unit.memMilli;
    sum[2] += unit.diskMilli;
    sum[3] += unit.gpusMilli;
    sum[4] += unit.ports;
  }
  return sum;
}

/** Is there at least as much of everything? */
export function covers(have: Amounts, need: Amounts): boolean {
  for (let dimension = 0; dimension < need.length; dimension++) {
    if ((have[dimension] ?? 0) < (need[dimension] ?? 0)) return false;
  }
  return true;
}
