// Three instances of a cluster, each a process with a disk of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePorts } from './cluster-ports.js';
import { nowMs, Peer } from './mesos-process.js';

const LIMIT_MS = 60_000;
const LOOK_MS = 20;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** With `url`, a master's, each is an instance of a framework, too. */
export class Trio {
  peers = [];
  #settings;
  #ids = [];

  static async start({ timing, url }) {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bench-'));
    const trio = new Trio({ timing, url, directory, ports: await freePorts(3) });
    for (const slot of [0, 1, 2]) await trio.open(slot);
    await trio.untilWhole();
    return trio;
  }

  constructor(settings) {
    this.#settings = settings;
  }

  /** Also for one that was killed: its disk is still there. */
  async open(slot) {
    const peer = await Peer.start('./cluster-instance.js');
    const id = await peer.ask('open', { slot, ...this.#settings });
    if (this.#ids[slot] !== undefined && this.#ids[slot] !== id)
      throw new Error(`instance ${slot} has come back as another member`);
    this.#ids[slot] = id;
    this.peers[slot] = peer;
  }

  get directory() {
    return this.#settings.directory;
  }

  states() {
    return Promise.all(this.peers.map((peer) => peer.ask('state')));
  }

  /** One leads, all say the same of it, all take part; its framework is subscribed. Resolves with its slot and epoch. */
  async untilWhole() {
    const deadlineMs = nowMs() + LIMIT_MS;
    for (;;) {
      const states = await this.states();
      const slot = states.findIndex(({ leads }) => leads);
      const isWhole =
        slot !== -1 &&
        states.every(
          (state, index) =>
            state.leader === this.#ids[slot] &&
            state.epoch === states[slot].epoch &&
            state.alive === 3 &&
            state.standing === (index === slot ? 'leading' : 'following') &&
            (this.#settings.url === undefined || state.subscribed),
        );
      if (isWhole) return { slot, ...states[slot] };
      if (nowMs() > deadlineMs) throw new Error(`they never came together: ${JSON.stringify(states)}`);
      await pause(LOOK_MS);
    }
  }

  async stop() {
    await Promise.all(this.peers.map((peer) => peer.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
