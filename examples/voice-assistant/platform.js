// A platform of its own for the example, and wsk to talk to it.
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const vibrissa = join(root, 'packages/server/bin/vibrissa.js');
const wsk = join(root, 'packages/cli/bin/wsk.js');

/** The environment without settings that are for somebody else's platform. */
function ownEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VIBRISSA_|CONFIG_|LIMITS_)/.test(name));
  return Object.fromEntries(kept);
}

/** An address of this machine that others see, if there is one. */
function ownAddress() {
  const all = Object.values(networkInterfaces()).flat();
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** What `vibrissa doctor` says: also when it ends with a failure. */
async function diagnosis(dataDir) {
  const command = [vibrissa, 'doctor', '--port', '0', '--data-dir', dataDir];
  const { stdout } = await run(process.execPath, command, { env: ownEnvironment() }).catch((error) => error);
  return stdout ?? '';
}

/**
 * How actions reach servers of this machine. The way out of a sandbox leads neither to loopback nor to private
 * addresses, but for those that the operator allows: so the servers listen on the machine's own address, and are
 * allowed one by one. Where that can't be had, actions run as plain processes, which reach loopback.
 * @returns {Promise<{host: string, flags: (ports: number[]) => string[], why?: string}>}
 */
export async function chooseNetwork(dataDir, { plain = false } = {}) {
  const host = ownAddress();
  const said = plain ? '' : await diagnosis(dataDir);
  const missing = [
    ...(plain ? ['it was asked for'] : []),
    ...(host === undefined ? ['this machine has no address but its loopback'] : []),
    ...(plain || /OK\s*\] sandbox/.test(said) ? [] : ['this machine can make no sandboxes']),
    ...(plain || /OK\s*\] internet for actions/.test(said) ? [] : ['sandboxes have no way out here']),
  ];
  if (missing.length > 0)
    return { host: '127.0.0.1', flags: () => ['--containers', 'process'], why: missing.join('; ') };
  const allow = (ports) => `containers.sandbox.allow=${ports.map((port) => `${host}:${port}`).join(',')}`;
  return { host, flags: (ports) => ['--containers', 'sandbox', '--set', allow(ports)] };
}

/**
 * Starts a platform on a free port. `ready` resolves with its address and its wsk when it takes requests; `stop` ends it
 * at any time.
 */
export function startPlatform(dataDir, flags) {
  const command = [vibrissa, 'start', '--port', '0', '--data-dir', dataDir, ...flags];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ownEnvironment(),
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { ready: readiness(child, ended).then((port) => clientOf(port, dataDir)), stop };
}

/** The port, when the platform has said it. */
function readiness(child, ended) {
  let said = '';
  return new Promise((resolve, reject) => {
    const listen = (text) => {
      said = (said + text).slice(-20_000);
      const found = /^Ready on port (\d+)\./m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
    ended.then((code) => reject(new Error(`the platform ended with ${code}:\n${said}`)));
  });
}

async function clientOf(port, dataDir) {
  const url = `http://127.0.0.1:${port}`;
  const key = (await readFile(join(dataDir, 'auth.guest'), 'utf8')).trim();
  const own = ['--apihost', url, '--auth', key];
  /** What a command of wsk prints. */
  const callWsk = async (...words) =>
    (await run(process.execPath, [wsk, ...words, ...own], { env: ownEnvironment() })).stdout;
  return { url, wsk: callWsk };
}
