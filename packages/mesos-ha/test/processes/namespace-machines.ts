import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { promisify } from 'node:util';

import type { Machine, Machines } from './machines.ts';

const run = promisify(execFile);

const rules =
  'table inet cuts { set sources { type ipv4_addr; }; chain input { type filter hook input priority 0; ip saddr @sources drop; }; }';

/** Undefined: this machine can make networks; else why it can't. */
export function whyNoNamespaces(): string | undefined {
  const script = `ip link add name one type veth peer name other && ip link add name hub type bridge && nft '${rules}'`;
  const { status, error, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', script], { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** A process that holds a nameless network open, and ends with this one: whatever fails, nothing stays behind. */
class Holder {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async open(): Promise<Holder> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '-n', 'cat'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const holder = new Holder(child);
    const own = readlinkSync('/proc/self/ns/net');
    while (readlinkSync(`/proc/${holder.pid}/ns/net`) === own) {
      if (child.exitCode !== null) throw new Error('A network namespace could not be made.');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return holder;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get prefix(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`];
  }

  async sh(script: string): Promise<void> {
    const [program, ...args] = this.prefix;
    await run(program!, [...args, 'sh', '-ec', script]);
  }

  close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    this.#child.kill('SIGKILL');
    return gone;
  }
}

/** Each machine has a network namespace of its own; a bridge in a further one joins them. */
export class NamespaceMachines implements Machines {
  readonly #hub: Holder;
  readonly #holders = new Map<string, Holder>();
  #count = 0;

  private constructor(hub: Holder) {
    this.#hub = hub;
  }

  static async open(): Promise<NamespaceMachines> {
    const hub = await Holder.open();
    await hub.sh('ip link add name hub type bridge; ip link set hub up');
    return new NamespaceMachines(hub);
  }

  async add(): Promise<Machine> {
    const number = (this.#count += 1);
    const address = `10.88.0.${number}`;
    const holder = await Holder.open();
    this.#holders.set(address, holder);
    await this.#hub.sh(
      `ip link add name m${number} type veth peer name eth0 netns ${holder.pid}; ip link set m${number} master hub up`,
    );
    await holder.sh(
      `ip link set lo up; ip addr add ${address}/24 dev eth0; ip link set eth0 up; nft '${rules}'`,
    );
    return { address, prefix: holder.prefix };
  }

  async cut(from: Machine, to: Machine): Promise<void> {
    await this.#holders.get(to.address)?.sh(`nft add element inet cuts sources { ${from.address} }`);
  }

  async heal(): Promise<void> {
    const all = [...this.#holders.values()];
    await Promise.all(all.map((holder) => holder.sh('nft flush set inet cuts sources')));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#holders.values(), this.#hub].map((holder) => holder.close()));
  }
}
