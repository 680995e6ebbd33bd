// A process with many instances of one large cluster; all such processes of a figure share a network of their own.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import dgram from 'node:dgram';
import { ClusterNode, staticSeeds } from '@vibrissa/cluster';
import { nowMs, Peer, serve } from './mesos-process.js';

const FIRST_PORT = 7000;
/** IPv4, UDP, and the frame around them as loopback counts it. */
const DATAGRAM_EXTRA_BYTES = 20 + 8 + 14;
const LOOK_MS = 50;

const nodes = [];
const children = [];
let datagramBytes = 0;
const deaths = new Map();

const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (bytes, ...rest) {
  datagramBytes += bytes.length + DATAGRAM_EXTRA_BYTES;
  return send.call(this, bytes, ...rest);
};

const loopbackBytes = () => Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/self/net/dev', 'utf8'))[1]);

function noteDeaths(node) {
  for (const { id, state } of node.members()) {
    if (state !== 'dead') continue;
    if (!deaths.has(id)) deaths.set(id, new Map());
    const seen = deaths.get(id);
    if (!seen.has(node)) seen.set(node, nowMs());
  }
}

async function openOne(index, all) {
  const node = await ClusterNode.open({
    name: 'bench',
    secrets: ['a secret of the bench'],
    listen: { host: '127.0.0.1', port: FIRST_PORT + index },
    // A few that all know, as of a service of which the newest are not listed yet.
    seeds: staticSeeds([0, 1, 2].map((seed) => `127.0.0.1:${FIRST_PORT + seed}`)),
    instances: all,
  });
  nodes.push(node);
  node.watch(({ kind }) => {
    if (kind === 'member') noteDeaths(node);
  });
  return node.id;
}

serve({
  network() {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
  },
  async open({ from, count, all }) {
    const ids = [];
    for (let index = from; index < from + count; index++) ids.push(await openOne(index, all));
    return ids;
  },
  /** A process with one instance, for one end of it: in the same network as this one. */
  async openChild({ index, all }) {
    const child = await Peer.start('./cluster-crowd.js');
    children.push(child);
    const [id] = await child.ask('open', { from: index, count: 1, all });
    return id;
  },
  async killChild() {
    const atMs = nowMs();
    await children.shift().kill();
    return atMs;
  },
  states: () =>
    nodes.map((node) => ({
      standing: node.view().standing,
      leads: node.lease.current !== undefined,
      // Who is to take part is told to all, one after the other.
      alive: node.view().members.filter(({ role, state }) => state === 'alive' && role !== 'outside').length,
    })),
  /** Resolves when all instances here take it for dead, with when each of them did. */
  async untilDead({ id, withinMs }) {
    const untilMs = nowMs() + withinMs;
    while ((deaths.get(id)?.size ?? 0) < nodes.length) {
      if (nowMs() > untilMs)
        throw new Error(`${deaths.get(id)?.size ?? 0} of ${nodes.length} take ${id} for dead`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return [...deaths.get(id).values()];
  },
  /** Who was taken for dead since the last question, by however many. */
  takeDeaths() {
    const ids = [...deaths.keys()];
    deaths.clear();
    return ids;
  },
  traffic: () => ({ loopbackBytes: loopbackBytes(), datagramBytes, atMs: nowMs() }),
});
