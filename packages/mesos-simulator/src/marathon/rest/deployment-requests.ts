import type { HttpAnswer } from '../../http/answer.ts';
import type { Json } from '../app-spec.ts';
import { rollBack } from '../deploy.ts';
import type { Deployment, MarathonState } from '../marathon-state.ts';
import type { ApiCall } from '../messages.ts';
import { failure, locked, notAllowed, reply } from './replies.ts';

/** `/v2/deployments`, `/v2/deployments/{id}` */
export function answerDeployments(state: MarathonState, call: ApiCall, rest: readonly string[]): HttpAnswer {
  const [id] = rest;
  if (id === undefined) {
    if (call.method !== 'GET') return notAllowed(call.method);
    return reply(200, [...state.deployments.values()].map(renderDeployment));
  }
  const deployment = state.deployments.get(id);
  if (!deployment) return failure(404, `Deployment plan '${id}' does not exist`);
  if (call.method === 'GET') return reply(200, renderDeployment(deployment));
  if (call.method !== 'DELETE') return notAllowed(call.method);
  // By force it only ends where it stands: nothing goes back.
  if (call.query.get('force') === 'true') {
    state.deployments.delete(id);
    return { status: 202, headers: [], body: '' };
  }
  const back = rollBack(state, deployment);
  if (back.kind === 'locked') return locked(back.deployments);
  return reply(200, { version: back.deployment.version, deploymentId: back.deployment.id });
}

/** A new app is started without instances first, and then scaled: the second of two steps. */
function renderDeployment({ id, version, actions }: Deployment): Json {
  const current = [...actions].map(([app, action]) => ({
    action: action === 'StartApplication' ? 'ScaleApplication' : action,
    app,
  }));
  const starts = [...actions].flatMap(([app, action]) =>
    action === 'StartApplication' ? [{ action, app }] : [],
  );
  const steps = [...(starts.length > 0 ? [{ actions: starts }] : []), { actions: current }];
  return {
    id,
    version,
    affectedApps: [...actions.keys()],
    affectedPods: [],
    steps,
    currentActions: current.map((each) => ({ ...each, readinessCheckResults: [] })),
    currentStep: steps.length,
    totalSteps: steps.length,
  };
}
