import { isSameSecret } from '../../base/is-same-secret.ts';
import { json, plainText, type Answer } from '../../http/answer.ts';
import type { Call, OpenRoute } from '../../http/route.ts';
import type { Invoking } from '../invocation/invoking.ts';

/** What the server's own pages show. */
interface Monitoring {
  /** Prometheus' text format. */
  metricsText(): string | Promise<string>;
  /** Invokers by id (`invoker0/…`). */
  invokers(): readonly {
    readonly id: string;
    readonly state: 'up' | 'down' | 'unhealthy' | 'unresponsive';
  }[];
  /** `user:password` of who may disable this controller; undefined: nobody. */
  readonly disabler: string | undefined;
  /** Refuses all new invocations until the next start; what runs goes on. */
  disable(): void;
}

/** What the operators' pages stand on. */
export interface MonitoringRouteDeps {
  readonly invocations: Pick<Invoking, 'inFlight'>;
  readonly monitoring: Monitoring;
}

function healthyOf(monitoring: Monitoring): { healthy: number; all: number } {
  const invokers = monitoring.invokers();
  return { healthy: invokers.filter(({ state }) => state === 'up').length, all: invokers.length };
}

/** Ready when there is an invoker and all of them are up. */
function readiness(monitoring: Monitoring): Answer {
  const { healthy, all } = healthyOf(monitoring);
  return all > 0 && healthy === all
    ? json(200, { healthy: `${healthy}/${all}` })
    : json(500, { unhealthy: `${all - healthy}/${all}` });
}

/** `POST /disable`, for who has the controller's password. */
function disable(monitoring: Monitoring, { headers }: Call): Answer {
  const given = Buffer.from((headers.authorization ?? '').replace(/^basic /i, ''), 'base64').toString();
  const { disabler } = monitoring;
  if (disabler === undefined || !isSameSecret(given, disabler)) {
    return plainText(401, 'username or password are wrong.');
  }
  monitoring.disable();
  return plainText(200, 'controller is disabled');
}

/** Pages for operators: metrics, invokers, activations under way. Only for peers that the listener trusts. */
export function monitoringRoutes({ invocations, monitoring }: MonitoringRouteDeps): OpenRoute[] {
  const pages: readonly (readonly [path: string, handle: () => Answer | Promise<Answer>])[] = [
    [
      '/metrics',
      async () => ({
        status: 200,
        body: await monitoring.metricsText(),
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
      }),
    ],
    [
      '/invokers',
      () => json(200, Object.fromEntries(monitoring.invokers().map(({ id, state }) => [id, state]))),
    ],
    ['/invokers/healthy/count', () => json(200, healthyOf(monitoring).healthy)],
    ['/invokers/ready', () => readiness(monitoring)],
    ['/activation', () => json(200, invocations.inFlight())],
    ['/activation/count', () => json(200, invocations.inFlight().length)],
  ];
  const routes = pages.flatMap(([path, handle]) =>
    [path, `${path}/`].map((place) => ({ method: 'GET', access: 'trusted', path: place, handle }) as const),
  );
  return [
    ...routes,
    { method: 'HEAD', access: 'trusted', path: '/invokers/ready', handle: () => readiness(monitoring) },
    { method: 'POST', access: 'trusted', path: '/disable', handle: (call) => disable(monitoring, call) },
  ];
}
