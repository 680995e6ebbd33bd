/**
 * The agent launcher: a task of Mesos that is a container. It starts the runtime of `VIBRISSA_KIND` in a sandbox without
 * a network, passes what connects to `PORT0` on to it, and ends with its exit code. Its environment is described in
 * `launch-settings.ts`.
 *
 * The runtime gets a Unix socket and not the task's own: a TCP socket of the agent's network in the hands of the action
 * is a way into that network (`shutdown` makes a listening one ready for `connect`, AF_UNSPEC an accepted one), which no
 * filter of system calls can tell from the harmless. A Unix socket that listens can do nothing else.
 */
import { chownSync, chmodSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../base/clock.ts';
import { descriptorLimit } from '../../../base/descriptor-limit.ts';
import { ApiRelay } from '../api-relay.ts';
import { listenUnder } from '../listening-socket.ts';
import { Relay } from '../relay.ts';
import { readNamespaceSwitches } from '../probe-machine.ts';
import { defaultUidRange, type UidRange, usableUidRange } from '../uid-pool.ts';
import { apiDialer } from './dial-api.ts';
import type { Ground } from './ground.ts';
import { LaunchRefusal, lineOf, REFUSED } from './launch-refusal.ts';
import { type LaunchSettings, readLaunchSettings } from './launch-settings.ts';
import { openGround } from './open-ground.ts';
import { type Circumstances, planSandbox, planUnconfined } from './plan-runtime.ts';
import { exitCodeOf, type RuntimePlan, RuntimeProcess } from './runtime-process.ts';

/** The agent's launcher and runtimes; the compiled files keep their places in it. */
const agentDirectory = fileURLToPath(new URL('../../../', import.meta.url));
/** Above those of a platform with sandboxes on the same machine. */
const uidRange: UidRange = {
  first: defaultUidRange.first + defaultUidRange.count,
  count: defaultUidRange.count,
};
/** How long an answer that was given just before the end may take to be passed on. */
const LAST_WORDS_MS = 200;
/** Strangers may connect to the task's port: they leave the runtime, which has 1,024, descriptors for its action. */
const STRANGE_CONNECTIONS = 256;
/** Of the platform, where an action may run many times at once. */
const CONCURRENT_CONNECTIONS = 512;
/** A connection that has asked for nothing by then makes room. */
const HEAD_MS = 10_000;
/** In the task's own directory, whose path is too long for a socket's address. */
const requestSocket = `.vibrissa-${process.pid}.sock`;
/** Files that end with this process. */
const remains = [requestSocket];

let runtime: RuntimeProcess | undefined;
/** Of the signal that asked for the end. */
let wantedCode: number | undefined;

/** CAP_CHOWN, CAP_SETGID, CAP_SETUID: root in a container may lack them. */
const NEEDED_CAPABILITIES = (1n << 0n) | (1n << 6n) | (1n << 7n);

function maySwitchUsers(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return process.getuid?.() === 0 && (BigInt(`0x${mask}`) & NEEDED_CAPABILITIES) === NEEDED_CAPABILITIES;
}

/** A user of its own for each container of an agent, as no other one has its port. */
function userOf(port: number): number | undefined {
  if (!maySwitchUsers()) return undefined;
  const range = usableUidRange(readFileSync('/proc/self/uid_map', 'utf8'), uidRange);
  return range === undefined ? undefined : range.first + (port % range.count);
}

/** A socket on this agent that leads to the platform's API, for this container's user only. */
async function openApi(
  { api, apiCa, port }: LaunchSettings,
  { path }: Ground,
  uid: number | undefined,
): Promise<string | undefined> {
  if (api === undefined) return undefined;
  const socket = join(path, `api-${port}.sock`);
  remains.push(socket);
  const relay = await ApiRelay.open(socket, await apiDialer(api, apiCa));
  chmodSync(relay.path, 0o600);
  if (uid !== undefined) chownSync(relay.path, uid, uid);
  return relay.path;
}

/** Undefined: it runs. Else what was said when it did not. */
async function start(plan: RuntimePlan): Promise<string | undefined> {
  rmSync(`${requestSocket}.new`, { force: true });
  const server = await listenUnder(requestSocket);
  runtime = new RuntimeProcess(plan, server);
  return runtime.started;
}

async function startConfined(circumstances: Circumstances): Promise<string | undefined> {
  const { ground, settings, uid } = circumstances;
  const { bwrap } = ground;
  if (bwrap === undefined)
    return 'bubblewrap is not installed on this agent: sudo apt-get install bubblewrap (Fedora: sudo dnf install bubblewrap)';
  const complaint = await start(planSandbox(circumstances, bwrap, await openApi(settings, ground, uid)));
  if (complaint === undefined) return undefined;
  const { mendOfNamespaces } = await import('../preflight.ts');
  return `bubblewrap can't make a sandbox on this agent (${complaint}): ${mendOfNamespaces(readNamespaceSwitches())}`;
}

async function startRuntime(circumstances: Circumstances): Promise<void> {
  const confined = await startConfined(circumstances);
  if (confined === undefined) return;
  if (!circumstances.settings.allowUnconfined)
    throw new LaunchRefusal(
      `${confined}; or let actions run without any isolation: mesos.command.allowUnconfined`,
    );
  const unconfined = await start(planUnconfined(circumstances));
  if (unconfined !== undefined) throw new LaunchRefusal(`The runtime can't be started: ${unconfined}`);
}

function mostConnections(env: LaunchSettings['env']): number {
  const own = env['__OW_ALLOW_CONCURRENT'] === 'true' ? CONCURRENT_CONNECTIONS : 1;
  return Math.min(STRANGE_CONNECTIONS + own, Math.ceil(descriptorLimit() / 4));
}

async function relayRequests({ env, port }: LaunchSettings): Promise<Relay> {
  try {
    return await Relay.open({
      listen: { port, backlog: 511 },
      connect: () => connect({ path: requestSocket, allowHalfOpen: true }),
      maxConnections: mostConnections(env),
      head: { withinMs: HEAD_MS, clock: systemClock },
    });
  } catch (error) {
    throw new LaunchRefusal(`The task's port can't be listened on: ${(error as Error).message}`);
  }
}

async function serve(): Promise<number> {
  const settings = readLaunchSettings(process.env);
  const uid = userOf(settings.port);
  const ground = await openGround({
    agentDirectory,
    kind: settings.kind,
    uid: process.getuid?.() ?? 0,
    ownUsers: uid !== undefined,
  });
  await startRuntime({ settings, ground, uid });
  // Only now: who finds the port open finds a sandbox that stands.
  const relay = await relayRequests(settings);
  const code = (await runtime?.ended) ?? REFUSED;
  await Promise.race([relay.finish(), systemClock.sleep(LAST_WORDS_MS)]);
  return code;
}

function leave(code: number): void {
  runtime?.kill();
  for (const file of remains) rmSync(file, { force: true });
  process.exit(wantedCode ?? code);
}

// Sockets are for this user.
process.umask(0o077);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    wantedCode = exitCodeOf(null, signal);
    runtime?.kill();
    void Promise.resolve(runtime?.ended).then(() => leave(REFUSED));
  });
serve().then(leave, (error: unknown) => {
  writeSync(2, `${lineOf(error)}\n`);
  leave(REFUSED);
});
