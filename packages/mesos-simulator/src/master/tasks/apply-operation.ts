import type { WireId, WireResource } from '@vibrissa/mesos/wire';
import { describeResources } from '../resources/describe-resources.ts';
import { Resources } from '../resources/resources.ts';
import { describeAgent } from '../state/agent.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Launching } from './launch.ts';
import { tellOperation } from './operation-status.ts';

/** An operation that makes other resources of some. */
export type ConvertingOperation =
  | { readonly type: 'RESERVE'; readonly id?: WireId; readonly reserve?: Listed }
  | { readonly type: 'UNRESERVE'; readonly id?: WireId; readonly unreserve?: Listed }
  | { readonly type: 'CREATE'; readonly id?: WireId; readonly create?: Volumes }
  | { readonly type: 'DESTROY'; readonly id?: WireId; readonly destroy?: Volumes };

interface Listed {
  readonly resources?: readonly WireResource[];
}

interface Volumes {
  readonly volumes?: readonly WireResource[];
}

/**
 * The master applies these itself, the agent confirms. An invalid one without an id fails silently: its resources just
 * come back.
 */
export function applyOperation(
  master: MasterState,
  launching: Launching,
  operation: ConvertingOperation,
): void {
  const { from, to } = conversionOf(operation);
  const wrong = invalidOperation({ operation, from, to }, launching);
  const { framework, agent } = launching;
  if (wrong !== undefined) {
    if (operation.id === undefined) return;
    tellOperation(master, framework, {
      operation_id: operation.id,
      state: 'OPERATION_ERROR',
      message: `${wrong}; on agent ${describeAgent(agent)}`,
    });
    return;
  }
  launching.available = launching.available.subtract(from).add(to);
  launching.converted = launching.converted.subtract(from).add(to);
  master.shares.free(launching.role, framework.id, from);
  master.shares.allocate(launching.role, framework.id, to);
  agent.total = agent.total.subtract(from).add(to);
  if (operation.id !== undefined) {
    const status = { operation_id: operation.id, state: 'OPERATION_PENDING' };
    framework.operations.set(operation.id.value, { agentId: agent.id, status });
  }
  master.toAgent(agent, {
    type: 'apply-operation',
    frameworkId: framework.id,
    ...(operation.id === undefined ? {} : { operationId: operation.id.value }),
    resources: agent.total.toWire(),
  });
}

interface Conversion {
  readonly from: Resources;
  readonly to: Resources;
}

function conversionOf(operation: ConvertingOperation): Conversion {
  const listed = listedIn(operation);
  const own = Resources.of(listed);
  const plain = operation.type === 'RESERVE' || operation.type === 'UNRESERVE' ? unreserved : withoutVolume;
  const other = Resources.of(listed.map(plain));
  return operation.type === 'RESERVE' || operation.type === 'CREATE'
    ? { from: other, to: own }
    : { from: own, to: other };
}

function listedIn(operation: ConvertingOperation): readonly WireResource[] {
  switch (operation.type) {
    case 'RESERVE':
      return operation.reserve?.resources ?? [];
    case 'UNRESERVE':
      return operation.unreserve?.resources ?? [];
    case 'CREATE':
      return operation.create?.volumes ?? [];
    case 'DESTROY':
      return operation.destroy?.volumes ?? [];
  }
}

/** Without its last reservation. */
function unreserved(resource: WireResource): WireResource {
  const { reservations = [], role: _role, ...rest } = resource;
  const left = reservations.slice(0, -1);
  return (left.length === 0 ? rest : { ...rest, reservations: left }) as WireResource;
}

function withoutVolume(resource: WireResource): WireResource {
  const { disk: _disk, ...rest } = resource;
  return rest as WireResource;
}

function invalidOperation(
  { operation, from }: { readonly operation: ConvertingOperation } & Conversion,
  { framework, role, available }: Launching,
): string | undefined {
  const listed = listedIn(operation);
  const verb = operation.type.toLowerCase();
  if (listed.length === 0) return `Invalid ${operation.type} operation: no resources`;
  const { principal } = framework.info;
  if (operation.type === 'RESERVE') {
    for (const resource of listed) {
      const last = resource.reservations?.at(-1);
      if (last?.role === undefined) return `A ${verb} operation was attempted without a reservation`;
      if (last.principal !== principal) {
        return `A reserve operation was attempted by authenticated principal '${principal ?? ''}', which does not match a reserved resource in the request with principal '${last.principal ?? ''}'`;
      }
    }
  }
  if (available.contains(from)) return undefined;
  return `Invalid ${operation.type} operation: ${describeResources(available.toWire(), role)} does not contain ${describeResources(from.toWire(), role)}`;
}
