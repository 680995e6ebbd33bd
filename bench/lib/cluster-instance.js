// A process that is one instance of a cluster, and of a framework where it is told of a master.
import path from 'node:path';
import { ClusterNode, FileStorage, staticSeeds } from '@vibrissa/cluster';
import { measureBare, measureIntents, measureWrites } from './cluster-loads.js';
import { nowMs, serve } from './mesos-process.js';

const NAME = 'bench';
const REGISTERED_FOR_MS = 3_600_000;
let cluster;
let framework;
const subscribed = [];
let onSubscribed = () => {};

/** Only for instances that have a master: what others don't load isn't counted against them. */
async function openFramework(url) {
  const { ClusteredScheduler } = await import('@vibrissa/mesos-ha');
  framework = await ClusteredScheduler.open({
    cluster,
    masters: url,
    framework: { name: NAME, failoverTimeoutMs: REGISTERED_FOR_MS },
  });
  framework.watch(({ kind }) => {
    const view = framework.view();
    if (kind !== 'subscription' || !view.leads || !view.subscribed) return;
    subscribed.push({ atMs: nowMs(), epoch: view.epoch, frameworkId: view.id });
    onSubscribed();
  });
}

serve({
  async open({ slot, ports, directory, timing, url }) {
    const storage = await FileStorage.open(path.join(directory, `instance-${slot}`), { name: NAME });
    cluster = await ClusterNode.open({
      name: NAME,
      secrets: ['a secret of the bench'],
      listen: { host: '127.0.0.1', port: ports[slot] },
      seeds: staticSeeds(ports.map((port) => `127.0.0.1:${port}`)),
      instances: ports.length,
      timing,
      storage,
    });
    if (url !== undefined) await openFramework(url);
    return cluster.id;
  },
  state() {
    const { standing, leader, members, changes } = cluster.view();
    const view = framework?.view();
    return {
      standing,
      leads: cluster.lease.current !== undefined,
      leader: leader?.id,
      epoch: leader?.epoch,
      alive: members.filter(({ state }) => state === 'alive').length,
      tookMs: changes.at(-1)?.tookMs,
      subscribed: view?.subscribed,
      frameworkId: view?.id,
    };
  },
  /** Resolves when this instance leads in a later epoch, and its framework is subscribed. */
  async untilSubscribed({ after }) {
    for (;;) {
      const found = subscribed.find(({ epoch }) => epoch > after);
      if (found) return found;
      await new Promise((resolve) => {
        onSubscribed = resolve;
      });
    }
  },
  writes: (wanted) => measureWrites(cluster, wanted),
  bare: measureBare,
  intents: (wanted) => measureIntents(cluster, wanted),
  close: () => cluster.close(),
});
