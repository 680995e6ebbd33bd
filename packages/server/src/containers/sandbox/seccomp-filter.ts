/**
 * The seccomp filter of a sandbox, assembled by hand as classic BPF (`struct sock_filter`, see linux/filter.h and
 * linux/seccomp.h), so that no libseccomp is needed.
 *
 * It allows what is not named: actions are arbitrary programs. What it refuses is what widens the attack surface of
 * the kernel or makes new namespaces; capabilities and namespaces refuse most of it a second time.
 */
import {
  type FilterArchitecture,
  type JudgedCalls,
  judgedCalls,
  newestKnownCall,
  refusedCallNumbers,
} from './syscall-numbers.ts';

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const JUMP_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

const ALLOW = 0x7fff_0000;
const errno = (number: number) => 0x0005_0000 | number;
const EPERM = errno(1);
const ENOSYS = errno(38);
const EPROTONOSUPPORT = errno(93);
const EAFNOSUPPORT = errno(97);

// Offsets in `struct seccomp_data`; both architectures are little-endian, so the low half of an argument comes first.
const CALL = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + 8 * index;

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
const auditArchitecture = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS = 0x7e02_0000;
const CLONE_NEWTIME = 0x80;
const X32_BIT = 0x3fff_ffff;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const and = (mask: number): Instruction => [AND, 0, 0, mask];
const give = (action: number): Instruction => [RETURN, 0, 0, action];

/** `action` when the loaded value equals `value`, else on with the next instruction. */
const whenEqual = (value: number, action: number): Instruction[] => [[JUMP_EQUAL, 0, 1, value], give(action)];

const whenGreater = (value: number, action: number): Instruction[] => [
  [JUMP_GREATER, 0, 1, value],
  give(action),
];

const whenAnyBit = (mask: number, action: number): Instruction[] => [
  [JUMP_ANY_BIT, 0, 1, mask],
  give(action),
];

/** The rules of one call: they end with a verdict. Skipped, with the call's number still loaded, for other calls. */
function rulesOf(call: number, rules: readonly Instruction[]): Instruction[] {
  return call < 0 ? [] : [[JUMP_EQUAL, 0, rules.length, call], ...rules];
}

/** A terminal can be fed or hijacked through these two (TIOCSTI, TIOCLINUX). */
const ioctlRules: readonly Instruction[] = [
  load(argument(1)),
  ...whenEqual(0x5412, EPERM),
  ...whenEqual(0x541c, EPERM),
  give(ALLOW),
];

/** Only the personalities that change nothing but `uname`; never one that weakens address randomisation. */
const personalityRules: readonly Instruction[] = [
  load(argument(0)),
  ...[0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff].flatMap((value) => whenEqual(value, ALLOW)),
  give(EPERM),
];

const mknodRules = (modeArgument: number): Instruction[] => [
  load(argument(modeArgument)),
  and(0o170_000),
  ...whenEqual(0o020_000, EPERM),
  ...whenEqual(0o060_000, EPERM),
  give(ALLOW),
];

/** Internet sockets: datagrams and streams over TCP, UDP, ICMP; nothing raw, no rarely tested protocol. */
const internetSocketRules: readonly Instruction[] = [
  load(argument(1)),
  and(0xf),
  ...whenGreater(2, EPERM),
  load(argument(2)),
  ...[0, 1, 6, 17, 58].flatMap((protocol) => whenEqual(protocol, ALLOW)),
  give(EPROTONOSUPPORT),
];

/** `getifaddrs` and `getaddrinfo` ask NETLINK_ROUTE; the other netlink families belong to administration. */
const netlinkRules: readonly Instruction[] = [
  load(argument(2)),
  ...whenEqual(0, ALLOW),
  give(EPROTONOSUPPORT),
];

const socketRules: readonly Instruction[] = [
  load(argument(0)),
  ...whenEqual(1, ALLOW),
  [JUMP_EQUAL, 0, netlinkRules.length, 16],
  ...netlinkRules,
  [JUMP_EQUAL, 1, 0, 2],
  [JUMP_EQUAL, 0, internetSocketRules.length, 10],
  ...internetSocketRules,
  give(EAFNOSUPPORT),
];

function judgements(calls: JudgedCalls): Instruction[] {
  return [
    // Its flags lie in memory, where a filter can't look: libc falls back to clone.
    ...rulesOf(calls.clone3, [give(ENOSYS)]),
    ...rulesOf(calls.clone, [load(argument(0)), ...whenAnyBit(NAMESPACE_FLAGS, EPERM), give(ALLOW)]),
    ...rulesOf(calls.unshare, [
      load(argument(0)),
      ...whenAnyBit(NAMESPACE_FLAGS | CLONE_NEWTIME, EPERM),
      give(ALLOW),
    ]),
    ...rulesOf(calls.ioctl, ioctlRules),
    ...rulesOf(calls.socket, socketRules),
    ...rulesOf(calls.socketpair, [load(argument(0)), ...whenEqual(1, ALLOW), give(EAFNOSUPPORT)]),
    ...rulesOf(calls.personality, personalityRules),
    ...rulesOf(calls.mknod, mknodRules(1)),
    ...rulesOf(calls.mknodat, mknodRules(2)),
  ];
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, whenTrue, whenFalse, operand], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  });
  return bytes;
}

/** The filter's bytes, as `bwrap --seccomp FD` reads them. */
export function seccompFilter(architecture: FilterArchitecture): Buffer {
  return encode([
    load(ARCHITECTURE),
    // A 32-bit call has other numbers and would pass by everything below.
    [JUMP_EQUAL, 1, 0, auditArchitecture[architecture]],
    give(ENOSYS),
    load(CALL),
    ...(architecture === 'x64' ? whenGreater(X32_BIT, ENOSYS) : []),
    ...judgements(judgedCalls[architecture]),
    ...refusedCallNumbers(architecture).flatMap((number) => whenEqual(number, EPERM)),
    ...whenGreater(newestKnownCall, ENOSYS),
    give(ALLOW),
  ]);
}
