import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { InvalidMasters } from './detector-error.ts';

type Callback<T> = (error: ZooKeeperException | null | undefined, result: T) => void;

/** What is used of a client of `node-zookeeper-client`, which comes without types. */
export interface ZooKeeperClient extends EventEmitter {
  connect(): void;
  close(): void;
  addAuthInfo(scheme: string, auth: Buffer): void;
  /** The watcher is called once, at the next change of the list of children. */
  getChildren(path: string, watcher: () => void, callback: Callback<string[]>): void;
  /** The watcher is called once, when the znode comes, goes or changes. */
  exists(path: string, watcher: () => void, callback: Callback<unknown>): void;
  getData(path: string, callback: Callback<Buffer | undefined>): void;
  /** Its inner part: `close()` does nothing to a socket that is being connected. */
  readonly connectionManager: { readonly socket?: Socket; readonly state: number };
}

export interface ZooKeeperException extends Error {
  getCode(): number;
}

export interface ZooKeeperModule {
  createClient(
    hosts: string,
    options: { readonly sessionTimeout: number; readonly spinDelay: number; readonly retries: number },
  ): ZooKeeperClient;
}

/** Loads the optional package. Throws {@link InvalidMasters} with the command that installs it. */
export async function loadZooKeeper(): Promise<ZooKeeperModule> {
  try {
    return (await import('node-zookeeper-client')).default;
  } catch (error) {
    throw new InvalidMasters(
      'A zk:// address needs the package node-zookeeper-client, which is not installed: npm install node-zookeeper-client',
      { cause: error },
    );
  }
}
