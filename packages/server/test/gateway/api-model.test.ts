import fc from 'fast-check';
import { expect, it } from 'vitest';

import { gatewayAtHand, type GatewayAtHand } from './gateway-at-hand.ts';

const bases = ['/', '/a', '/a/b'];
const paths = ['/', '/a', '/a/', '/a/b', '/{x}', '/a/{y}', '/a/{y}/c', '/a/b/d', '/{x}/e'];
const verbs = ['get', 'post', 'options'];
const asked = [
  '',
  '/',
  '/a',
  '/a/',
  '/b',
  '/a/b',
  '/a/b/',
  '/a/z',
  '/a/b/c',
  '/a/b/d',
  '/a/z/c',
  '/a/b/a/b',
  '/z/e',
  '/a/b/z/e',
];

interface Endpoint {
  readonly base: string;
  readonly path: string;
  readonly verb: string;
}

type Command =
  | { readonly type: 'create'; readonly at: Endpoint; readonly action: string }
  | { readonly type: 'delete'; readonly base: string; readonly path?: string; readonly verb?: string };

const endpoint = fc.record({
  base: fc.constantFrom(...bases),
  path: fc.constantFrom(...paths),
  verb: fc.constantFrom(...verbs),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('create' as const),
      at: endpoint,
      action: fc.constantFrom('one', 'two', 'three'),
    }),
  },
  {
    weight: 1,
    arbitrary: endpoint.map(({ base, path, verb }) => ({ type: 'delete' as const, base, path, verb })),
  },
  { weight: 1, arbitrary: endpoint.map(({ base, path }) => ({ type: 'delete' as const, base, path })) },
  { weight: 1, arbitrary: fc.constantFrom(...bases).map((base) => ({ type: 'delete' as const, base })) },
);

/** Endpoints as a flat list, and the rules of routing read one after the other. */
class Model {
  readonly endpoints = new Map<string, Endpoint & { readonly action: string }>();

  create(at: Endpoint, action: string): void {
    this.endpoints.set(`${at.base} ${at.path} ${at.verb}`, { ...at, action });
  }

  /** False when there was nothing to delete. */
  delete({ base, path, verb }: Omit<Extract<Command, { type: 'delete' }>, 'type'>): boolean {
    const doomed = [...this.endpoints].filter(
      ([, one]) =>
        one.base === base &&
        (path === undefined || one.path === path) &&
        (verb === undefined || one.verb === verb),
    );
    for (const [key] of doomed) this.endpoints.delete(key);
    return doomed.length > 0;
  }

  route(verb: string, url: string): [number, string] {
    const segments = url === '' ? [] : url.slice(1).split('/');
    for (const base of bases.toReversed()) {
      const own = base === '/' ? [] : base.slice(1).split('/');
      if (own.some((segment, index) => segments[index] !== segment)) continue;
      const rest = segments.slice(own.length);
      const path = this.#best(base, rest.length === 0 ? [''] : rest);
      if (path === undefined) continue;
      const found = this.endpoints.get(`${base} ${path} ${verb}`);
      if (found) return [200, `/api/v1/web/guest/default/${found.action}.http/${segments.join('/')}`];
      return verb === 'options' ? [200, ''] : [405, ''];
    }
    return [404, ''];
  }

  #best(base: string, segments: readonly string[]): string | undefined {
    const other = segments.at(-1) === '' ? segments.slice(0, -1) : [...segments, ''];
    const known = [
      ...new Set([...this.endpoints.values()].filter((one) => one.base === base).map((one) => one.path)),
    ];
    for (const wanted of [segments, other]) {
      const matching = known.filter((path) => {
        const parts = path.slice(1).split('/');
        return (
          parts.length === wanted.length &&
          parts.every((part, index) => (part.startsWith('{') ? wanted[index] !== '' : part === wanted[index]))
        );
      });
      // `{` sorts behind all letters: literals first, from the left.
      if (matching.length > 0) return matching.toSorted()[0];
    }
    return undefined;
  }
}

async function apply(gateway: GatewayAtHand, model: Model, step: Command): Promise<void> {
  if (step.type === 'delete') {
    const { base, path = '', verb = '' } = step;
    const done = await gateway.manage('deleteApi', { basepath: base, relpath: path, operation: verb });
    expect(Object.hasOwn(done, 'error')).toBe(!model.delete(step));
    return;
  }
  const { action, at } = step;
  const made = await gateway.manage('createApi', {
    responsetype: 'http',
    apidoc: {
      namespace: '_',
      gatewayBasePath: at.base,
      gatewayPath: at.path,
      gatewayMethod: at.verb,
      pathParameters: [...at.path.matchAll(/\{(\w)\}/g)].map(([, name = '']) => ({ name })),
      action: {
        name: action,
        namespace: '_',
        backendMethod: at.verb,
        backendUrl: 'http://here/api/v1/web/_/default/x.http',
        authkey: 'a:b',
      },
    },
  });
  expect(made['error']).toBeUndefined();
  model.create(at, action);
}

/** Parameters pass the path on; without any, it stays where it is asked for by the response type alone. */
async function compare(gateway: GatewayAtHand, model: Model): Promise<void> {
  for (const url of asked) {
    for (const verb of verbs) {
      const [status, place] = await gateway.ask(verb.toUpperCase(), `/api/guest${url}`);
      const expected = model.route(verb, url);
      expect({ verb, url, status, place: place.replace(/\.http$/, '.http/') }).toEqual({
        verb,
        url,
        status: expected[0],
        place: expected[1].replace(/\.http$/, '.http/'),
      });
    }
  }
  const listed = (await gateway.manage('getApi', {}))['apis'] as unknown as {
    value: { apidoc: { basePath: string; paths: { [path: string]: object } } };
  }[];
  const names = listed.flatMap(({ value: { apidoc } }) =>
    Object.entries(apidoc.paths).flatMap(([path, item]) =>
      Object.keys(item).map((verb) => `${apidoc.basePath} ${path} ${verb}`),
    ),
  );
  expect(names.toSorted()).toEqual([...model.endpoints.keys()].toSorted());
}

it('whatever is created and deleted in whatever order, what is shown and what is served are what is left', async () => {
  const checked = fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (steps) => {
      const gateway = gatewayAtHand();
      const model = new Model();
      for (const step of steps) {
        await apply(gateway, model, step);
        await compare(gateway, model);
      }
    }),
    { numRuns: 60 },
  );
  await expect(checked).resolves.toBeUndefined();
}, 60_000);
