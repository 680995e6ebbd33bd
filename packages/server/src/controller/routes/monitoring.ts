import { isSameSecret } from '../../base/is-same-secret.ts';
import { json, plainText, type Answer } from '../../http/answer.ts';
import type { Call, OpenRoute } from '../../http/route.ts';
import type { RouteDeps } from './route-deps.ts';

function healthyOf({ monitoring }: RouteDeps): { healthy: number; all: number } {
  const invokers = monitoring.invokers();
  return { healthy: invokers.filter(({ state }) => state === 'up').length, all: invokers.length };
}

/** Ready when there is an invoker and all of them are up. */
function readiness(deps: RouteDeps): Answer {
  const { healthy, all } = healthyOf(deps);
  return all > 0 && healthy === all
    ? json(200, { healthy: `${healthy}/${all}` })
    : json(500, { unhealthy: `${all - healthy}/${all}` });
}

/** `POST /disable`, for who has the controller's password. */
function disable({ monitoring }: RouteDeps, { headers }: Call): Answer {
  const given = Buffer.from((headers.authorization ?? '').replace(/^basic /i, ''), 'base64').toString();
  const { disabler } = monitoring;
  if (disabler === undefined || !isSameSecret(given, disabler)) {
    return plainText(401, 'username or password are wrong.');
  }
  monitoring.disable();
  return plainText(200, 'controller is disabled');
}

/** Pages for operators: metrics, invokers, activations under way. Only for peers that the listener trusts. */
export function monitoringRoutes(deps: RouteDeps): OpenRoute[] {
  const { invocations, monitoring } = deps;
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
    ['/invokers/healthy/count', () => json(200, healthyOf(deps).healthy)],
    ['/invokers/ready', () => readiness(deps)],
    ['/activation', () => json(200, invocations.inFlight())],
    ['/activation/count', () => json(200, invocations.inFlight().length)],
  ];
  const routes = pages.flatMap(([path, handle]) =>
    [path, `${path}/`].map((place) => ({ method: 'GET', access: 'trusted', path: place, handle }) as const),
  );
  return [
    ...routes,
    { method: 'HEAD', access: 'trusted', path: '/invokers/ready', handle: () => readiness(deps) },
    { method: 'POST', access: 'trusted', path: '/disable', handle: (call) => disable(deps, call) },
  ];
}
