import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Container, ContainerExit } from '../../containers/container.ts';
import { LogCollector, type SentinelStyle } from '../run/collect-logs.ts';
import { ContainerClient } from '../run/container-client.ts';
import { LogFetcher } from '../run/fetch-logs.ts';
import { ContainerSession } from '../run/init-and-run.ts';

/** A container that is there, with all through which it is spoken to and listened to. */
export interface LinkedContainer {
  readonly container: Container;
  readonly client: ContainerClient;
  readonly session: ContainerSession;
  readonly collector: LogCollector;
  /** Undefined where its logs come by themselves. */
  readonly fetcher: LogFetcher | undefined;
  readonly style: SentinelStyle;
}

export interface LinkDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly style: SentinelStyle;
  /** It can't be trusted with another activation. */
  readonly onBroken: (why: string) => void;
  readonly exit: () => Promise<ContainerExit | undefined>;
}

/** Begins to listen to a container, and gets ready to speak to it. */
export function linkContainer(container: Container, deps: LinkDeps): LinkedContainer {
  const { clock, logger, onBroken, exit } = deps;
  const { address, logs } = container;
  const style = deps.style === 'token' && logs.inOrder === true ? 'answer' : deps.style;
  const collector = new LogCollector(style, () => clock.epochNs(), logs.stamped);
  const onIncomplete = () => onBroken('its logs could not be collected');
  let fetcher: LogFetcher | undefined;
  if (logs.catchUp && style !== 'answer') {
    fetcher = LogFetcher.open({ container, collector, clock, logger, onIncomplete });
  } else logs.listen((stream, bytes) => collector.feed(stream, bytes));
  const client = ContainerClient.open({
    address,
    clock,
    onBroken: () => onBroken('it sent an answer that nobody asked for'),
  });
  const session = new ContainerSession({ client, address, clock, exit });
  return { container, client, session, collector, fetcher, style };
}
