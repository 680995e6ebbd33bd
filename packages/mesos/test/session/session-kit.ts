import { Session, type SessionOptions } from '../../src/session/session.ts';
import type { StreamEnd } from '../../src/transport/transport.ts';
import type { MesosEvent } from '../../src/wire/index.ts';

export const [a, b, c] = ['http://a:5050', 'http://b:5050', 'http://c:5050'] as const;

const settings: SessionOptions = {
  detectTimeoutMs: 10_000,
  subscribeTimeoutMs: 15_000,
  firstConnectDelayMs: 0,
  backoffMinMs: 1000,
  backoffMaxMs: 15_000,
  missedHeartbeats: 3,
  heartbeatSlackMs: 5000,
  maxRedirects: 3,
  canRefreshCredentials: false,
};

export function session(options: Partial<SessionOptions> = {}, random = () => 0.5): Session {
  return new Session({ ...settings, ...options }, { next: random });
}

export function subscribedEvent(master = 'master-1', frameworkId = 'fw'): MesosEvent {
  return {
    type: 'SUBSCRIBED',
    subscribed: {
      framework_id: { value: frameworkId },
      heartbeat_interval_seconds: 15,
      master_info: { id: master },
    },
  };
}

export function errorEvent(message: string): MesosEvent {
  return { type: 'ERROR', error: { message } };
}

export const unreachable: StreamEnd = { kind: 'unreachable', error: new Error('connection refused') };

export function refused(status: number, text = ''): StreamEnd {
  return { kind: 'refused', status, text };
}
