import { expect, it } from 'vitest';
import { isSettled } from './is-settled.ts';

const status = (capabilities: string) => `Name:\tbwrap
Uid:\t1900000123\t1900000123\t1900000123\t1900000123
CapInh:\t0000000000000000
CapPrm:\t${capabilities}
CapEff:\t${capabilities}
CapBnd:\t000001ffffffffff
NoNewPrivs:\t1
Seccomp:\t0
`;

it('a sandbox whose namespaces bubblewrap still makes gets no network yet', () => {
  expect(isSettled(status('000001ffffffffff'))).toBe(false);
});

it('a sandbox is settled once its program has no capabilities', () => {
  expect(isSettled(status('0000000000000000'))).toBe(true);
});
