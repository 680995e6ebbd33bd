import { connect } from 'node:net';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { discoverRuntimes } from '../../src/containers/sandbox/discover-runtimes.ts';
import {
  ask,
  guestOf,
  runVibrissa,
  startPlatform,
  type PlatformProcess,
  type Reply,
} from '../platform/platform-process.ts';

/** Limits that don't stand in the way of many calls, and a pool that doesn't take the machine. */
export const roomy = [
  '--set',
  'limits.actions.invokes.perMinute=1000000',
  '--set',
  'limits.actions.invokes.concurrent=1000',
  '--set',
  'containerPool.userMemoryMb=1024',
];

const { manifest } = await discoverRuntimes({
  runtimeDir: fileURLToPath(new URL('../../../../runtimes', import.meta.url)),
  execPath: process.execPath,
  path: process.env['PATH'] ?? '',
  home: homedir(),
});

/** A kind that this machine runs and that begins with `family`; undefined where it has none. */
export function kindOf(family: string): string | undefined {
  return [...JSON.stringify(manifest).matchAll(/"kind":"([^"]+)"/g)]
    .map(([, kind]) => kind!)
    .find((kind) => kind.startsWith(`${family}:`));
}

/** What a client gets to see of an activation. */
export interface Record {
  readonly activationId: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly duration: number;
  readonly logs: readonly string[];
  readonly annotations: readonly { readonly key: string; readonly value: unknown }[];
  readonly response: {
    readonly status: string;
    readonly success: boolean;
    readonly result: { readonly [name: string]: unknown };
  };
}

export interface FaultPlatform extends ReturnType<typeof guestOf> {
  readonly process: PlatformProcess;
  /** Creates an action, invokes it blocking and returns its record, with its logs. */
  run(code: string, args?: object, rest?: object): Promise<Record>;
  /** The record of a blocking invocation, with its logs. */
  runAgain(name: string, args?: object): Promise<Record>;
  /** Calls another user's namespace as that user. */
  as(key: string): ReturnType<typeof guestOf>['call'];
  user(name: string): Promise<string>;
}

/** Logs that arrive after the record are waited for: `until` says when they are there. */
export async function recordWith(
  { call }: Pick<FaultPlatform, 'call'>,
  id: string,
  until: (record: Record) => boolean,
): Promise<Record> {
  for (;;) {
    const { status, body } = await call(`GET /api/v1/namespaces/_/activations/${id}`);
    if (status === 200 && until(body as Record)) return body as Record;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function openFaultPlatform(
  options: { readonly args?: readonly string[]; readonly dataDir?: string } = {},
): Promise<FaultPlatform> {
  const process = await startPlatform({ ...options, args: [...roomy, ...(options.args ?? [])] });
  const guest = guestOf(process);
  let count = 0;
  const runAgain = async (name: string, args: object = {}): Promise<Record> => {
    const reply = await guest.invoke(name, args);
    const { activationId } = reply.body as { activationId?: string };
    if (activationId === undefined) throw new Error(`${reply.status}: ${reply.text}`);
    return (await guest.record(activationId)) as unknown as Record;
  };
  return {
    ...guest,
    process,
    runAgain,
    run: async (code, args, rest) => {
      const name = `fault${count++}`;
      await guest.create(name, code, rest);
      return runAgain(name, args);
    },
    as: (key) => (line, body) => ask({ port: process.port, key }, line, body),
    user: async (name) => {
      const { code, stdout, stderr } = await runVibrissa([
        'admin',
        'user',
        'create',
        name,
        '--data-dir',
        process.dataDir,
      ]);
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    },
  };
}

/** Sends text as it is, and resolves with all that comes back until the platform ends the connection or falls silent. */
export function askRaw(
  { process }: Pick<FaultPlatform, 'process'>,
  line: string,
  body: string | Buffer,
  headers: { readonly [name: string]: string } = {},
): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = connect(process.port, '127.0.0.1');
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    // What the platform doesn't want to read is cut off; what it said before counts.
    socket.on('error', () => {});
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
      const content = text.slice(text.indexOf('\r\n\r\n') + 4);
      resolve({ status, text: content, body: parse(content) });
    });
    const given = {
      host: 'localhost',
      connection: 'close',
      authorization: `Basic ${Buffer.from(process.key).toString('base64')}`,
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...headers,
    };
    const head = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${line} HTTP/1.1\r\n${head.join('')}\r\n`);
    socket.write(bytes);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
