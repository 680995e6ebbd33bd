import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openRest, type Reply, type RestFixture } from './rest-fixture.ts';

/** What a user believes of two triggers, three rules and two actions. */
interface Model {
  readonly actions: Set<string>;
  readonly triggers: Map<string, { version: number }>;
  readonly rules: Map<string, { trigger: string; action: string; version: number }>;
  /** Rules whose trigger fires them; a trigger takes its rules' activity with it. */
  readonly active: Set<string>;
}

const oneOf = (...names: string[]) => fc.constantFrom(...names);
const rule = oneOf('r1', 'r2', 'r3');
const trigger = oneOf('t1', 't2');
const action = oneOf('a1', 'a2');
const overwrite = fc.boolean();

const step = fc.oneof(
  fc.record({ do: fc.constant('put action' as const), action }),
  fc.record({ do: fc.constant('delete action' as const), action }),
  fc.record({ do: fc.constant('put trigger' as const), trigger, overwrite }),
  fc.record({ do: fc.constant('delete trigger' as const), trigger }),
  fc.record({
    do: fc.constant('put rule' as const),
    rule,
    trigger: fc.option(trigger, { nil: undefined }),
    action: fc.option(action, { nil: undefined }),
    overwrite,
  }),
  fc.record({ do: fc.constant('delete rule' as const), rule }),
  fc.record({ do: fc.constant('set status' as const), rule, status: oneOf('active', 'inactive') }),
  fc.record({ do: fc.constant('fire' as const), trigger }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Sends the request of a step. */
function send(rest: RestFixture, wish: Step): Promise<Reply> {
  switch (wish.do) {
    case 'put action':
      return rest.call('PUT', `_/actions/${wish.action}?overwrite=true`, {
        body: { exec: { kind: 'nodejs:20', code: 'x' } },
      });
    case 'delete action':
      return rest.call('DELETE', `_/actions/${wish.action}`);
    case 'put trigger':
      return rest.call('PUT', `_/triggers/${wish.trigger}?overwrite=${wish.overwrite}`, { body: {} });
    case 'delete trigger':
      return rest.call('DELETE', `_/triggers/${wish.trigger}`);
    case 'put rule': {
      const body = {
        trigger: wish.trigger && `/_/${wish.trigger}`,
        action: wish.action && { path: '_', name: wish.action },
      };
      return rest.call('PUT', `_/rules/${wish.rule}?overwrite=${wish.overwrite}`, { body });
    }
    case 'delete rule':
      return rest.call('DELETE', `_/rules/${wish.rule}`);
    case 'set status':
      return rest.call('POST', `_/rules/${wish.rule}`, { body: { status: wish.status }, unchecked: true });
    case 'fire':
      return rest.call('POST', `_/triggers/${wish.trigger}`, { unchecked: true });
  }
}

function putRule(model: Model, wish: Extract<Step, { do: 'put rule' }>): number {
  const old = model.rules.get(wish.rule);
  if (old && !wish.overwrite) return 409;
  const next = {
    trigger: wish.trigger ?? old?.trigger,
    action: wish.action ?? old?.action,
    version: (old?.version ?? 0) + 1,
  };
  const { trigger: onTrigger, action: toAction, version } = next;
  if (onTrigger === undefined || toAction === undefined) return 400;
  if (!model.triggers.has(onTrigger) || !model.actions.has(toAction)) return 400;
  model.rules.set(wish.rule, { trigger: onTrigger, action: toAction, version });
  if (!old) model.active.add(wish.rule);
  return 200;
}

function deleteTrigger(model: Model, name: string): number {
  if (!model.triggers.delete(name)) return 404;
  for (const [key, { trigger: on }] of model.rules) if (on === name) model.active.delete(key);
  return 200;
}

function setStatus(model: Model, wish: Extract<Step, { do: 'set status' }>): number {
  const found = model.rules.get(wish.rule);
  if (!found) return 404;
  if (wish.status === 'inactive') {
    model.active.delete(wish.rule);
    return 200;
  }
  if (!model.triggers.has(found.trigger)) return 404;
  model.active.add(wish.rule);
  return 200;
}

/** Does the same to the model; returns the status that the request should have. */
function expectOf(model: Model, wish: Step): number {
  switch (wish.do) {
    case 'put action':
      model.actions.add(wish.action);
      return 200;
    case 'delete action':
      return model.actions.delete(wish.action) ? 200 : 404;
    case 'put trigger': {
      const old = model.triggers.get(wish.trigger);
      if (old && !wish.overwrite) return 409;
      model.triggers.set(wish.trigger, { version: (old?.version ?? 0) + 1 });
      return 200;
    }
    case 'delete trigger':
      return deleteTrigger(model, wish.trigger);
    case 'put rule':
      return putRule(model, wish);
    case 'delete rule':
      model.active.delete(wish.rule);
      return model.rules.delete(wish.rule) ? 200 : 404;
    case 'set status':
      return setStatus(model, wish);
    case 'fire': {
      if (!model.triggers.has(wish.trigger)) return 404;
      return activeOn(model, wish.trigger).length > 0 ? 202 : 204;
    }
  }
}

function activeOn(model: Model, name: string): string[] {
  return [...model.active].filter((key) => model.rules.get(key)?.trigger === name);
}

/** The actions that a fire should have invoked: those of active rules, if they are there. */
function invokedBy(model: Model, name: string): string[] {
  const named = activeOn(model, name).map((key) => model.rules.get(key)?.action ?? '');
  return named.filter((key) => model.actions.has(key)).sort();
}

/** Compares all that can be read with the model. */
async function compare(rest: RestFixture, model: Model): Promise<void> {
  const listed = async (collection: string) =>
    ((await rest.call('GET', `_/${collection}`)).json as { name: string }[]).map(({ name }) => name).sort();
  expect(await listed('rules')).toEqual([...model.rules.keys()].sort());
  expect(await listed('triggers')).toEqual([...model.triggers.keys()].sort());
  for (const [name, known] of model.rules) {
    expect((await rest.call('GET', `_/rules/${name}`)).json).toMatchObject({
      version: `0.0.${known.version}`,
      status: model.active.has(name) ? 'active' : 'inactive',
      trigger: { path: 'guest', name: known.trigger },
      action: { path: 'guest', name: known.action },
    });
  }
  for (const [name, { version }] of model.triggers) {
    const found = (await rest.call('GET', `_/triggers/${name}`)).json as {
      version: string;
      rules?: { [rule: string]: { status: string } };
    };
    expect(found.version).toBe(`0.0.${version}`);
    const active = Object.entries(found.rules ?? {}).filter(([, { status }]) => status === 'active');
    expect(active.map(([key]) => key).sort()).toEqual(
      activeOn(model, name)
        .map((key) => `guest/${key}`)
        .sort(),
    );
  }
}

it('triggers, rules and actions behave like the simple things that users take them for, in any order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const rest = await openRest({ limits: { firesPerMinute: 1000 } });
      try {
        const model: Model = {
          actions: new Set(),
          triggers: new Map(),
          rules: new Map(),
          active: new Set(),
        };
        for (const wish of steps) {
          rest.invocations.requests.length = 0;
          const { status } = await send(rest, wish);
          const expected = expectOf(model, wish);
          expect(status, JSON.stringify(wish)).toBe(expected);
          if (wish.do === 'fire' && status === 202) {
            const invoked = rest.invocations.requests.map(({ target }) => target.name.name).sort();
            expect(invoked).toEqual(invokedBy(model, wish.trigger));
          }
        }
        await compare(rest, model);
      } finally {
        await rest.close();
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);
