import { networkInterfaces } from 'node:os';

import type { Finding } from '../base/finding.ts';
import type { Config } from '../config/schema.ts';
import { apiUrlOf } from './api-url.ts';
import { isLoopback } from './open-factory.ts';

/** `[::1]`, as a URL writes it, is `::1`. */
function isThisMachine(host: string): boolean {
  return isLoopback(host.replace(/^\[(.*)\]$/, '$1'));
}

/** Are all masters on this machine? Of those that others know (ZooKeeper, DNS) nobody says so. */
function areMastersHere(masterUrl: string): boolean {
  return masterUrl.split(',').every((text) => {
    const host = /^(?:https?:\/\/)?(\[[^\]]*\]|[^:/]+)(?::\d+)?\/?$/i.exec(text.trim())?.[1];
    return host !== undefined && isThisMachine(host);
  });
}

/** An address of this machine that others can dial. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** The URL under which agents, and the containers on them, reach the platform's API. */
export function agentApiUrl(config: Config, port: number): string {
  const here = areMastersHere(config.mesos.masterUrl) ? '127.0.0.1' : ownAddress();
  return apiUrlOf(config, { here, port });
}

/** Agents on other machines reach nothing that listens on loopback. */
export function agentApiFindings(config: Config, port: number): readonly Finding[] {
  const url = agentApiUrl(config, port);
  const { hostname } = new URL(url);
  if (!isThisMachine(hostname) || areMastersHere(config.mesos.masterUrl)) return [];
  return [
    {
      level: 'warning',
      what: `Mesos agents on other machines don't reach the API at ${url}: actions can't call it, and agents can't fetch the runtimes from it.`,
      mend: 'Listen where they reach it (--host 0.0.0.0), or say under which name they do: --set http.apiHost=HOST:PORT',
    },
  ];
}
