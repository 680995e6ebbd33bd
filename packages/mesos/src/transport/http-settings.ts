import { systemClock, type Clock } from '../base/clock.ts';
import { Authorizer, type Credentials } from './authorizer.ts';
import type { TlsOptions } from './socket-opener.ts';

export interface HttpTransportOptions {
  /** Default: none, for masters without `--authenticate_http_frameworks`. */
  readonly credentials?: Credentials;
  /** For masters with an `https://` address. */
  readonly tls?: TlsOptions;
  /** Default `vibrissa-mesos`. */
  readonly userAgent?: string;
  /** From the first packet to an open connection, TLS included; default 10,000 ms. */
  readonly connectTimeoutMs?: number;
  /** From a request to its answer's head, and for a token; default 30,000 ms. */
  readonly answerTimeoutMs?: number;
  /** The largest event that is taken; default 67,108,864 (64 MiB). */
  readonly maxRecordBytes?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** The options of one transport with every default in place. */
export interface HttpSettings {
  readonly authorizer: Authorizer;
  readonly tls: TlsOptions;
  readonly userAgent: string;
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly maxRecordBytes: number;
  readonly clock: Clock;
}

export function settle(options: HttpTransportOptions): HttpSettings {
  const clock = options.clock ?? systemClock;
  const answerTimeoutMs = options.answerTimeoutMs ?? 30_000;
  return {
    authorizer: new Authorizer(options.credentials, { clock, timeoutMs: answerTimeoutMs }),
    tls: options.tls ?? {},
    userAgent: options.userAgent ?? 'vibrissa-mesos',
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    answerTimeoutMs,
    maxRecordBytes: options.maxRecordBytes ?? 64 * 1024 * 1024,
    clock,
  };
}
