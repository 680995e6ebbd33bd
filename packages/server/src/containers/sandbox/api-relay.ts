/**
 * Pipes connections from a socket that sandboxes may reach to the platform's own API. Needed when the platform is root:
 * its socket lies in a 0700 data directory, through which the users of sandboxes can't walk; and where the platform is on
 * another machine.
 */
import { chmodSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { descriptorLimit } from '../../base/descriptor-limit.ts';
import { Relay } from './relay.ts';

export class ApiRelay {
  readonly path: string;
  readonly #relay: Relay;

  private constructor(path: string, relay: Relay) {
    this.path = path;
    this.#relay = relay;
  }

  /**
   * @param target the API's socket, or what connects to the API
   * @param maxConnections of all sandboxes together
   */
  static async open(
    path: string,
    target: string | (() => Socket),
    maxConnections: number = Math.ceil(descriptorLimit() / 16),
  ): Promise<ApiRelay> {
    rmSync(path, { force: true });
    const dial = typeof target === 'string' ? () => connect({ path: target, allowHalfOpen: true }) : target;
    const relay = await Relay.open({ listen: { path }, connect: dial, maxConnections });
    // Connecting asks for write permission; that the API authenticates is what protects it.
    chmodSync(path, 0o666);
    return new ApiRelay(path, relay);
  }

  close(): Promise<void> {
    return this.#relay.close();
  }
}
