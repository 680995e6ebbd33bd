import { describe, expect, it } from 'vitest';
import { seccompFilter } from './seccomp-filter.ts';
import type { FilterArchitecture } from './syscall-numbers.ts';

const ALLOW = 0x7fff_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;
const audit = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;

/** Runs the filter as the kernel would (classic BPF over `struct seccomp_data`). */
function verdict(
  architecture: FilterArchitecture,
  call: number,
  args: readonly (number | bigint)[] = [],
  arch: number = audit[architecture],
): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index));
  const program = seccompFilter(architecture);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const operand = program.readUInt32LE(at + 4);
    const jump = (taken: boolean) => (at += 8 * program.readUInt8(at + (taken ? 2 : 3)));
    switch (program.readUInt16LE(at)) {
      case 0x20:
        accumulator = data.readUInt32LE(operand);
        break;
      case 0x54:
        accumulator = (accumulator & operand) >>> 0;
        break;
      case 0x15:
        jump(accumulator === operand);
        break;
      case 0x25:
        jump(accumulator > operand);
        break;
      case 0x45:
        jump((accumulator & operand) !== 0);
        break;
      case 0x06:
        return operand;
      default:
        throw new Error('an instruction that the filter should not have');
    }
  }
  throw new Error('the filter runs over its end');
}

/** Every number gets a verdict: the kernel accepts no program whose jumps lead out of it. */
describe.each(['x64', 'arm64'] as const)('the system call filter for %s', (architecture) => {
  const pick = (x64: number, arm64: number) => (architecture === 'x64' ? x64 : arm64);

  it('gives every system call a verdict, whatever its arguments', () => {
    for (let call = 0; call < 600; call++)
      for (const value of [0, 1, 0xffff_ffff, 0x1000_0000]) {
        const given = verdict(architecture, call, [value, value, value]);
        expect(given === ALLOW || given >>> 16 === 5).toBe(true);
      }
  });

  it('lets programs read, write, fork, map memory and open sockets', () => {
    const everyday = [
      pick(0, 63),
      pick(1, 64),
      pick(9, 222),
      pick(59, 221),
      pick(231, 94),
      pick(257, 56),
      pick(202, 98),
      pick(318, 278),
      pick(332, 291),
      pick(441, 441),
    ];
    expect(everyday.map((call) => verdict(architecture, call))).toEqual(everyday.map(() => ALLOW));
    expect(verdict(architecture, pick(56, 220), [0x3d_0f00])).toBe(ALLOW);
    expect(verdict(architecture, pick(41, 198), [2, 0x8_0001, 6])).toBe(ALLOW);
    expect(verdict(architecture, pick(41, 198), [1, 1, 0])).toBe(ALLOW);
    expect(verdict(architecture, pick(41, 198), [16, 0x8_0003, 0])).toBe(ALLOW);
  });

  it('refuses namespaces in every way to ask for them', () => {
    for (const flag of [
      0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
    ]) {
      expect(verdict(architecture, pick(56, 220), [flag | 17])).toBe(EPERM);
      expect(verdict(architecture, pick(272, 97), [flag])).toBe(EPERM);
    }
    expect(verdict(architecture, pick(272, 97), [0x80])).toBe(EPERM);
    expect(verdict(architecture, pick(272, 97), [0x400])).toBe(ALLOW);
    expect(verdict(architecture, 435)).toBe(ENOSYS);
    expect(verdict(architecture, pick(308, 268))).toBe(EPERM);
  });

  it('judges an ioctl by the half of its argument that the kernel reads', () => {
    expect(verdict(architecture, pick(16, 29), [0, 0x5412])).toBe(EPERM);
    expect(verdict(architecture, pick(16, 29), [0, 0x1_0000_5412n])).toBe(EPERM);
    expect(verdict(architecture, pick(16, 29), [0, 0x5401])).toBe(ALLOW);
  });

  it('allows no personality but those that change nothing', () => {
    expect(verdict(architecture, pick(135, 92), [0xffff_ffff])).toBe(ALLOW);
    expect(verdict(architecture, pick(135, 92), [0])).toBe(ALLOW);
    expect(verdict(architecture, pick(135, 92), [0x4_0000])).toBe(EPERM);
  });

  it('refuses devices, and allows FIFOs and files', () => {
    expect(verdict(architecture, pick(259, 33), [0, 0, 0o020_666])).toBe(EPERM);
    expect(verdict(architecture, pick(259, 33), [0, 0, 0o060_666])).toBe(EPERM);
    expect(verdict(architecture, pick(259, 33), [0, 0, 0o010_666])).toBe(ALLOW);
    expect(verdict(architecture, pick(259, 33), [0, 0, 0o666])).toBe(ALLOW);
  });

  it('knows no call of another architecture, and none that came after it', () => {
    const other = architecture === 'x64' ? 0x4000_0003 : 0x4000_0028;
    expect(verdict(architecture, pick(0, 63), [], other)).toBe(ENOSYS);
    expect(verdict(architecture, 470)).toBe(ENOSYS);
    expect(verdict(architecture, 0x7fff_ffff)).toBe(ENOSYS);
  });

  it('fits into what the kernel takes: 4096 instructions', () => {
    expect(seccompFilter(architecture).length / 8).toBeLessThan(4096);
  });
});
