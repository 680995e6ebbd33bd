import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EntityModel, type ActionWish, type Expected, type PackageWish } from './entity-model.ts';
import { openRest, stranger, type CallOptions, type RestFixture } from './rest-fixture.ts';

type Command =
  | { readonly do: 'put package'; readonly name: string; readonly wish: PackageWish }
  | { readonly do: 'get package'; readonly name: string; readonly stranger: boolean }
  | { readonly do: 'delete package'; readonly name: string; readonly force: boolean }
  | { readonly do: 'list packages'; readonly stranger: boolean }
  | { readonly do: 'put action'; readonly pkg: string; readonly name: string; readonly wish: ActionWish }
  | { readonly do: 'get action'; readonly pkg: string; readonly name: string; readonly stranger: boolean }
  | { readonly do: 'delete action'; readonly pkg: string; readonly name: string }
  | { readonly do: 'list actions'; readonly pkg: string };

const pkg = fc.constantFrom('p', 'q', 'r');
const place = fc.constantFrom('', 'p', 'q', 'r');
// One of them is a package's name, too: names are unique across collections.
const name = fc.constantFrom('a', 'b', 'p');
const parameters = fc.uniqueArray(
  fc.record({ key: fc.constantFrom('x', 'y', '__proto__'), value: fc.jsonValue({ maxDepth: 1 }) }),
  { maxLength: 3, selector: ({ key }) => key },
);
const packageWish = fc.record(
  { overwrite: fc.boolean(), publish: fc.boolean(), parameters, binding: pkg },
  { requiredKeys: ['overwrite'] },
);
const actionWish = fc.record(
  { overwrite: fc.boolean(), parameters, code: fc.constantFrom('// one', '// two') },
  { requiredKeys: ['overwrite'] },
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put package'), name: pkg, wish: packageWish }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put action'), pkg: place, name, wish: actionWish }) },
  fc.record({ do: fc.constant('get package'), name: pkg, stranger: fc.boolean() }),
  fc.record({ do: fc.constant('delete package'), name: pkg, force: fc.boolean() }),
  fc.record({ do: fc.constant('list packages'), stranger: fc.boolean() }),
  fc.record({ do: fc.constant('get action'), pkg: place, name, stranger: fc.boolean() }),
  fc.record({ do: fc.constant('delete action'), pkg: place, name }),
  fc.record({ do: fc.constant('list actions'), pkg: place }),
);

function ask(model: EntityModel, step: Command): Expected {
  switch (step.do) {
    case 'put package':
      return model.putPackage(step.name, step.wish);
    case 'get package':
      return model.getPackage(step.name, step.stranger);
    case 'delete package':
      return model.deletePackage(step.name, step.force);
    case 'list packages':
      return model.listPackages(step.stranger);
    case 'put action':
      return model.putAction(step.pkg, step.name, step.wish);
    case 'get action':
      return model.getAction(step.pkg, step.name, step.stranger);
    case 'delete action':
      return model.deleteAction(step.pkg, step.name);
    case 'list actions':
      return model.listActions(step.pkg);
  }
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly wish?: CallOptions;
}

const as = (isStranger: boolean): CallOptions => (isStranger ? { as: stranger } : {});
const under = (place: string, action: string) => (place === '' ? action : `${place}/${action}`);

function requestOf(step: Command): Request {
  switch (step.do) {
    case 'put package': {
      const { overwrite, binding, ...rest } = step.wish;
      const bound = binding === undefined ? {} : { binding: { namespace: '_', name: binding } };
      const path = `packages/${step.name}?overwrite=${overwrite}`;
      return { method: 'PUT', path, wish: { body: { ...rest, ...bound }, wide: true } };
    }
    case 'get package':
      return { method: 'GET', path: `packages/${step.name}`, wish: as(step.stranger) };
    case 'delete package':
      return { method: 'DELETE', path: `packages/${step.name}?force=${step.force}` };
    case 'list packages':
      return { method: 'GET', path: 'packages', wish: as(step.stranger) };
    case 'put action': {
      const { overwrite, code, ...rest } = step.wish;
      const body = { ...rest, ...(code === undefined ? {} : { exec: { kind: 'nodejs:20', code } }) };
      const path = `actions/${under(step.pkg, step.name)}?overwrite=${overwrite}`;
      return { method: 'PUT', path, wish: { body } };
    }
    case 'get action':
      return {
        method: 'GET',
        path: `actions/${under(step.pkg, step.name)}`,
        wish: { ...as(step.stranger), wide: true },
      };
    case 'delete action':
      return { method: 'DELETE', path: `actions/${under(step.pkg, step.name)}` };
    case 'list actions':
      return {
        method: 'GET',
        path: step.pkg === '' ? 'actions' : `actions/${step.pkg}/`,
        wish: { wide: true },
      };
  }
}

/** Sends the request, and asks the model the same. */
async function take(rest: RestFixture, model: EntityModel, step: Command) {
  const { method, path, wish } = requestOf(step);
  await rest.clock.advance(1);
  const { status, json } = await rest.call(method, `guest/${path}`, wish);
  const expected = ask(model, step);
  // Of a refusal the model knows the status alone.
  return { given: { status, json: expected.json === undefined ? undefined : json }, expected };
}

it('whatever is asked of actions and packages, in whatever order, is answered as the model says', async () => {
  const steps = fc.array(command, { minLength: 5, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(steps, async (commands) => {
      const rest = await openRest();
      const model = new EntityModel();
      try {
        for (const step of commands) {
          const { given, expected } = await take(rest, model, step);
          expect(given).toMatchObject(expected);
        }
      } finally {
        await rest.close();
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);
