import {
  APPLICATION_ERROR,
  SUCCESS,
  defaultSystemLimits,
  qualifiedName,
  type ActionEntity,
  type ActivationRecord,
  type Identity,
  type Json,
  type SystemLimits,
} from '@vibrissa/protocol';
import { anAction, anIdentity, aRecord, FakeJournal, ManualClock, SeededIds } from '@vibrissa/testkit';
import { silentLogger, type Logger } from '../../src/base/logger.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import type { RequestContext } from '../../src/base/request-context.ts';
import { noUserEvents } from '../../src/observability/user-events.ts';
import { Entitlements } from '../../src/controller/entitlement/check-entitlement.ts';
import { ActionCache } from '../../src/controller/invocation/action-cache.ts';
import { Dispatch } from '../../src/controller/invocation/dispatch.ts';
import type { InvokeRequest } from '../../src/controller/invocation/invoke-action.ts';
import {
  CompositeInvocations,
  type CompositeInvocationsDeps,
} from '../../src/controller/invocation/invoke-composite.ts';
import type { InvokeOutcome } from '../../src/controller/invocation/invoke-outcome.ts';
import { PackageCache } from '../../src/controller/packages/package-cache.ts';
import { defaultInvokerConfig } from '../../src/invoker/invoker-config.ts';
import { KeptRecords } from '../../src/store/kept-records.ts';
import { MemoryArtifactStore } from '../../src/store/memory/memory-artifact-store.ts';

/** Stands for the code of an action; an outcome of its own is a fault that no code brings about. */
export type Code = (args: Json) => Json | { readonly outcome: InvokeOutcome } | Promise<Json>;

function isOutcome(answer: Json | { readonly outcome: InvokeOutcome }): answer is { outcome: InvokeOutcome } {
  return typeof answer === 'object' && answer !== null && 'outcome' in answer;
}

/** Keeps each line's fields with those of its logger. */
function loggerInto(lines: object[], fields: object): Logger {
  const note = (own: object, message: string) => void lines.push({ ...fields, ...own, message });
  return {
    debug: note,
    info: note,
    warn: note,
    error: note,
    child: (more) => loggerInto(lines, { ...fields, ...more }),
  };
}

/** The real dispatcher, sequences and compositions; actions run as functions instead of in containers. */
export function openComposites(
  over: { limits?: Partial<SystemLimits>; deps?: Partial<CompositeInvocationsDeps> } = {},
) {
  const clock = new ManualClock();
  const journal = new FakeJournal();
  const ids = new SeededIds(1);
  const artifacts = new MemoryArtifactStore();
  const packages = PackageCache.open({ artifacts });
  const actions = ActionCache.open({ artifacts, packages });
  const limits = { ...defaultSystemLimits, ...over.limits };
  const codes = new Map<string, Code>();
  /** Of what ran in place of containers, in order. */
  const requests: InvokeRequest[] = [];
  const records = new Map<string, ActivationRecord>();
  /** Of each request, its transaction. */
  const transactions: string[] = [];
  const lines: object[] = [];

  const containers = {
    invoke: async (ctx: RequestContext, request: InvokeRequest): Promise<InvokeOutcome> => {
      requests.push(request);
      transactions.push(ctx.transactionId);
      const { name, action } = request.target;
      const answer = await codes.get(qualifiedName(name))!(request.payload?.value ?? {});
      if (isOutcome(answer)) return answer.outcome;
      const isError = typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'error');
      const record = aRecord({
        activationId: ids.activationId(),
        name: name.name,
        path: qualifiedName(name),
        duration: requests.length,
        limits: action.entity.limits,
        ...(request.cause !== undefined && { cause: request.cause }),
        response: {
          statusCode: isError ? APPLICATION_ERROR : SUCCESS,
          resultJson: JSON.stringify(answer),
        },
      });
      records.set(record.activationId, record);
      return { outcome: 'finished', activationId: record.activationId, record };
    },
    inFlight: () => [],
    invokers: () => [[0, 'up']] as const,
    resume: async () => ({ recorded: 0, published: 0, left: 0 }),
    stop: () => {},
    drain: async () => {},
  };
  const composites = CompositeInvocations.open({
    journal,
    actions,
    entitlements: Entitlements.open({
      limits,
      clock,
      metrics: noMetrics,
      events: noUserEvents,
      packages,
      inFlightOf: () => 0,
    }),
    containers,
    clock,
    ids,
    limits,
    logger: loggerInto(lines, {}),
    records: KeptRecords.open({ journal, events: noUserEvents, levels: defaultInvokerConfig }),
    ...over.deps,
  });
  const builtIns = { find: () => undefined, invoke: () => Promise.reject(new Error('there are none')) };
  const dispatch = Dispatch.open({ containers, builtIns, composites });
  const ctx = { transactionId: 'tid', startedAt: clock.now(), logger: silentLogger, clock };

  async function put(name: string, over: Partial<ActionEntity>): Promise<void> {
    const old = await artifacts.get('action', 'guest', name);
    await artifacts.put(anAction({ name, ...over }), old?.revision);
    actions.invalidate({ namespace: 'guest', name });
  }
  return {
    clock,
    journal,
    artifacts,
    actions,
    composites,
    dispatch,
    requests,
    transactions,
    lines,
    records,
    plain: async (name: string, code: Code, over: Partial<ActionEntity> = {}) => {
      codes.set(`guest/${name}`, code);
      await put(name, over);
    },
    conductor: async (name: string, code: Code) => {
      codes.set(`guest/${name}`, code);
      await put(name, { annotations: [{ key: 'conductor', value: true }] });
    },
    sequence: (name: string, ...names: string[]) =>
      put(name, {
        exec: {
          kind: 'sequence',
          binary: false,
          size: 0,
          components: names.map((one) => (one.startsWith('/') ? one : `/guest/${one}`)),
        },
      }),
    invoke: async (
      name: string,
      payload: Json[] | { [key: string]: Json } = {},
      rest: { waitMs?: number | undefined; identity?: Identity } = { waitMs: 60_000 },
    ): Promise<InvokeOutcome> => {
      const target = await actions.resolve({ namespace: 'guest', name });
      if (!target) throw new Error(`there is no ${name}`);
      return dispatch.invoke(ctx, {
        identity: rest.identity ?? anIdentity(),
        target,
        payload: { json: JSON.stringify(payload), value: payload },
        waitMs: rest.waitMs,
      });
    },
  };
}

/** The record of an invocation that finished. */
export function finished(outcome: InvokeOutcome): ActivationRecord {
  if (outcome.outcome !== 'finished') throw new Error(`it did not finish: ${JSON.stringify(outcome)}`);
  return outcome.record;
}

/** Its status and result. */
export function answerOf(outcome: InvokeOutcome): [statusCode: number, result: unknown] {
  const { statusCode, resultJson } = finished(outcome).response;
  return [statusCode, JSON.parse(resultJson)];
}
