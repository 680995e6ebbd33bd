import { userInfo } from 'node:os';

import { systemClock, type Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import { probeHttp, probeTcp, withinTime } from '../executor/probes.ts';
import { httpTransport, type Credential } from './http-transport.ts';
import { Marathon } from './marathon.ts';
import { MarathonDriver } from './marathon-driver.ts';
import type { MarathonOptions } from './marathon-options.ts';

const DEFAULT_VERSION = '1.11.24';

export interface MarathonSurroundings {
  /** Where the master listens. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly leaderUrl: () => string | undefined;
  /** What frameworks authenticate with. */
  readonly credential?: Credential | undefined;
}

/** Starts a Marathon on a simulated master; it is subscribed soon after. Rejects with node's error when its port is taken. */
export function openMarathon(options: MarathonOptions, around: MarathonSurroundings): Promise<Marathon> {
  const { clock, random, leaderUrl, credential } = around;
  const { host = around.host, version = DEFAULT_VERSION } = options;
  const drive = (address: string): MarathonDriver =>
    new MarathonDriver({
      clock,
      random,
      settings: {
        version,
        address,
        user: userInfo().username,
        ...(credential ? { principal: credential.principal } : {}),
      },
      transport: httpTransport(credential),
      leaderUrl,
      // Tasks live in the machine's time.
      probe: ({ spec, host: target, timeoutMs }) =>
        withinTime(systemClock, timeoutMs, (signal) =>
          spec.type === 'TCP' ? probeTcp(spec, target, signal) : probeHttp(spec, target, signal),
        ),
    });
  return Marathon.open({ options, host, clock, drive });
}
