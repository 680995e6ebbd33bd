/**
 * S2 as a matrix: every sandbox against every other and against every port of the platform, by every address that
 * leads there. The "internet" is a network namespace beside the host's, joined by a veth pair.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandboxes, openSandboxes, openTarget, type Target } from '../attacks/sandbox-fixture.ts';

// 198.51.100.0/24 (TEST-NET-2) plays the internet; the other addresses lie behind it and are ours to refuse.
const tag = `vt${process.pid % 100_000}`;
const inside = [
  '198.51.100.2',
  '10.99.0.2',
  '172.20.0.2',
  '192.168.99.2',
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
];
const [internet = '', allowedPrivate = '', ...refused] = inside;
const OPEN_PORT = 18_080;
const OTHER_PORT = 18_081;

const root = process.getuid?.() === 0;

let sandboxes: Sandboxes;
let offline: Target;
let online: Target;
let onlineToo: Target;
let outside: ChildProcess;
let controlPlane: Server;
let controlPort: number;
let apiDir: string;
const reached: Socket[] = [];

/** Name and parent of a process; undefined when it is gone. */
function lookAt(pid: number): { readonly name: string; readonly parent: number } | undefined {
  try {
    const [, name = '', parent = ''] =
      /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function isBelowUs(pid: number): boolean {
  return pid === process.pid || (pid > 1 && isBelowUs(lookAt(pid)?.parent ?? 0));
}

/** The processes of our sandboxes' networks: other tests, which run beside this one, begin and end some of their own. */
function ourNetworks(): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Boolean);
  return pids.filter((pid) => lookAt(pid)?.name === 'slirp4netns' && isBelowUs(pid));
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });

function makeInternet(): void {
  ip('netns', 'add', tag);
  ip('link', 'add', `${tag}a`, 'type', 'veth', 'peer', 'name', `${tag}b`);
  ip('link', 'set', `${tag}b`, 'netns', tag);
  ip('addr', 'add', '198.51.100.1/24', 'dev', `${tag}a`);
  ip('link', 'set', `${tag}a`, 'up');
  for (const address of inside) ip('-n', tag, 'addr', 'add', `${address}/32`, 'dev', `${tag}b`);
  ip('-n', tag, 'link', 'set', `${tag}b`, 'up');
  ip('-n', tag, 'link', 'set', 'lo', 'up');
  ip('-n', tag, 'route', 'add', '198.51.100.0/24', 'dev', `${tag}b`);
  for (const address of inside) ip('route', 'replace', `${address}/32`, 'dev', `${tag}a`);
}

function removeInternet(): void {
  for (const args of [
    ['link', 'del', `${tag}a`],
    ['netns', 'del', tag],
  ])
    try {
      ip(...args);
    } catch {
      // It was never made.
    }
}

/** A server in that namespace, on every address, that answers each connection. */
async function serveOutside(): Promise<ChildProcess> {
  const program = `for (const p of [${OPEN_PORT}, ${OTHER_PORT}]) require('net').createServer((s) => s.on('error', () => {}).end('hello')).listen(p, '0.0.0.0', () => console.log('up ' + p))`;
  const child = spawn('ip', ['netns', 'exec', tag, process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const part of child.stdout.setEncoding('utf8')) {
    said += String(part);
    if ([OPEN_PORT, OTHER_PORT].every((port) => said.includes(`up ${port}\n`))) return child;
  }
  throw new Error(`Nobody serves outside; it was said: ${said}`);
}

const hostAddresses = () =>
  Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address, scopeid }) => (scopeid ? '' : address)).filter(Boolean),
  );

/** Tries every address and port, over IPv4 and IPv6, by TCP. */
const probe = `def attack(args):
    results = {}
    for address in args['addresses']:
        for port in args['ports']:
            family = socket.AF_INET6 if ':' in address else socket.AF_INET
            results['%s %d' % (address, port)] = connects(family, (address, port))
    return results
`;

async function probed(
  target: Target,
  addresses: string[],
  ports: number[],
): Promise<{ [target: string]: string }> {
  return (await target.attack(probe, { addresses, ports })) as { [target: string]: string };
}

const refusal = /^(?:ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|EACCES|EADDRNOTAVAIL|EINVAL)$/;

/** What was let through, or failed for a reason that is no refusal (a timeout is none). */
async function passed(target: Target, addresses: string[], ports: number[]): Promise<string[]> {
  const results = await probed(target, addresses, ports);
  if (Object.keys(results).length !== new Set(addresses).size * ports.length)
    throw new Error('a probe is missing');
  return Object.entries(results)
    .filter(([, result]) => !refusal.test(result))
    .map(([where, result]) => `${where}: ${result}`);
}

/** Every name under which the host's loopback and the host itself are known, slirp4netns' aliases among them. */
const aliases = () => [
  '127.0.0.1',
  '127.0.0.53',
  '127.1.2.3',
  '0.0.0.0',
  '10.0.2.2',
  '10.0.2.3',
  '10.0.2.1',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.2.2',
  'fd00::2',
  'fd00::3',
  '198.51.100.1',
  ...hostAddresses(),
];

beforeAll(async () => {
  if (!root) return;
  makeInternet();
  outside = await serveOutside();
  // One listener stands for the whole control plane; it listens on every address, as a careless operator's would.
  controlPlane = createServer((socket) => {
    reached.push(socket);
    socket.destroy();
  });
  await new Promise<void>((resolve) => controlPlane.listen(0, '::', () => resolve()));
  controlPort = (controlPlane.address() as { port: number }).port;
  apiDir = mkdtempSync(join(tmpdir(), 'vibrissa-api-'));
  chmodSync(apiDir, 0o700);
  const api = createHttpServer((_request, response) => response.end('the API'));
  await new Promise<void>((resolve) => api.listen(join(apiDir, 'api.sock'), () => resolve()));
  api.unref();
  sandboxes = await openSandboxes({
    config: { allowedDestinations: [`${allowedPrivate}:${OPEN_PORT}`] },
    apiSocketPath: join(apiDir, 'api.sock'),
  });
  [offline, online, onlineToo] = await Promise.all([
    openTarget(sandboxes.factory),
    openTarget(sandboxes.factory),
    openTarget(sandboxes.factory),
  ]);
  for (const { container } of [online, onlineToo]) await container.specialise?.({ internet: true });
});

afterAll(async () => {
  if (!root) return;
  await sandboxes.close();
  controlPlane.close();
  outside.kill('SIGKILL');
  removeInternet();
  rmSync(apiDir, { recursive: true, force: true });
});

describe.skipIf(!root)('the network of sandboxes (needs root to make a test network)', () => {
  it('is a real one: the host reaches what the sandboxes are refused', async () => {
    for (const address of inside) {
      const socket = (await import('node:net')).connect(OPEN_PORT, address);
      const answer = await new Promise((resolve, reject) =>
        socket.once('data', resolve).once('error', reject),
      );
      expect(String(answer)).toBe('hello');
    }
  });

  it('without internet has nothing but its own loopback', async () => {
    expect(
      await offline.attack(
        "def attack(args):\n    return sorted(l.split(':')[0].strip() for l in open('/proc/net/dev') if ':' in l)\n",
      ),
    ).toEqual(['lo']);
    expect(await passed(offline, [...aliases(), ...inside], [controlPort, OPEN_PORT])).toEqual([]);
    expect(reached).toEqual([]);
  });

  it('with internet reaches public addresses', async () => {
    expect(await probed(online, [internet], [OPEN_PORT, OTHER_PORT])).toEqual({
      [`${internet} ${OPEN_PORT}`]: 'OK',
      [`${internet} ${OTHER_PORT}`]: 'OK',
    });
  });

  it('with internet reaches no private, shared, link-local or metadata address', async () => {
    expect(await passed(online, refused, [OPEN_PORT, OTHER_PORT])).toEqual([]);
  });

  it('with internet reaches the host by no alias, on no port of the control plane', async () => {
    expect(await passed(online, aliases(), [controlPort, 22, 54, 5432])).toEqual([]);
    expect(reached).toEqual([]);
  });

  it('opens a private address to the host and port on the allow-list, and to no other port', async () => {
    expect(await probed(online, [allowedPrivate], [OPEN_PORT])).toEqual({
      [`${allowedPrivate} ${OPEN_PORT}`]: 'OK',
    });
    expect(await passed(online, [allowedPrivate], [OTHER_PORT])).toEqual([]);
  });

  it('lets no sandbox reach another, whichever of the two has internet', async () => {
    const all = [offline, online, onlineToo];
    const listen = `def attack(args):
    if os.fork() == 0:
        for family, address in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):
            s = socket.socket(family, socket.SOCK_STREAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6: s.setsockopt(41, 26, 1)
            s.bind((address, args['port']))
            s.listen(10)
            globals().setdefault('kept', []).append(s)
        signal.pause()
    for _ in range(500):
        if connects(socket.AF_INET, ('127.0.0.1', args['port'])) == 'OK':
            return True
        time.sleep(0.01)
`;
    for (const [index, target] of all.entries())
      expect(await target.attack(listen, { port: 20_000 + index })).toBe(true);
    // Both sandboxes with internet have the address 10.0.2.100: to each it means itself.
    const addresses = ['10.0.2.100', '10.0.2.15', '127.0.0.1', ...hostAddresses()];
    const found: string[] = [];
    for (const [index, target] of all.entries())
      for (const other of all.keys())
        if (other !== index) found.push(...(await passed(target, addresses, [20_000 + other])));
    expect(found).toEqual([]);
  });

  it('sends no datagram, ping or broadcast where it may not connect', async () => {
    const outcome = (await online.attack(
      `def attack(args):
    results = []
    for address in args['addresses']:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.IPPROTO_IP, 11, 1)
        s.settimeout(0.3)
        try:
            s.connect((address, 53 if address != '10.0.2.3' else 5353))
            s.send(b'x')
            time.sleep(0.02)
            s.send(b'x')
            results.append('OK')
        except OSError as e:
            results.append(errno.errorcode.get(e.errno, str(e.errno)))
    return results
`,
      { addresses: [...refused, '10.0.2.2', '10.0.2.3', '224.0.0.1', '255.255.255.255', '10.0.2.255'] },
    )) as string[];
    for (const result of outcome) expect(result).toMatch(/^(?:EHOSTUNREACH|EACCES|EPERM|ENETUNREACH)$/);
  });

  it('can have its filter neither changed nor removed from inside', async () => {
    const outcome = (await online.attack(`def attack(args):
    tool = next((p for p in ('/usr/sbin/nft', '/usr/bin/nft') if os.path.exists(p)), None)
    flush = subprocess.run([tool, 'flush', 'ruleset'], capture_output=True).returncode if tool else 1
    return [flush != 0, call(41, 198, 16, 3, 12), tried(lambda: open('/proc/sys/net/ipv4/ip_forward', 'w').write('1'))]
`)) as unknown[];
    expect(outcome[0]).toBe(true);
    expect(outcome[1]).toBe('EPROTONOSUPPORT');
    expect(outcome[2]).not.toBe('OK');
    expect(await passed(online, refused, [OPEN_PORT])).toEqual([]);
  });

  it('always leads to the API, and by that socket to nothing else', async () => {
    const ask = `import urllib.request
def attack(args):
    return urllib.request.urlopen('http://127.0.0.1:3233/api/v1', timeout=5).read().decode()
`;
    expect(await offline.attack(ask)).toBe('the API');
    expect(await online.attack(ask)).toBe('the API');
  });

  it('ends with its sandbox: no slirp4netns stays', async () => {
    const before = ourNetworks();
    expect(before.length).toBeGreaterThanOrEqual(2);
    await onlineToo.container.destroy();
    await expect.poll(ourNetworks).toHaveLength(before.length - 1);
  });
});
