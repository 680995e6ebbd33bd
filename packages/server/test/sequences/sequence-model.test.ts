import type { Json, JsonObject } from '@vibrissa/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerOf, finished, openComposites } from './composite-fixture.ts';

/** An action by what it does, or a sequence of such. */
type Tree = 'increment' | 'double' | 'fail' | 'list' | readonly Tree[];

interface Walk {
  readonly value: Json;
  readonly failed: boolean;
  /** Actions that ran, in order. */
  readonly ran: readonly string[];
}

const numberOf = (args: Json): number =>
  Array.isArray(args) ? args.length : Number((args as JsonObject)['n'] ?? 0);

const codes: { [name: string]: (args: Json) => Json } = {
  increment: (args) => ({ n: numberOf(args) + 1 }),
  double: (args) => ({ n: (numberOf(args) * 2) % 1_000_003 }),
  fail: (args) => ({ error: numberOf(args) }),
  list: (args) => [numberOf(args), 'x'],
};

/** What should happen: fifteen lines without a promise. */
function walk(tree: Tree, value: Json, room: { left: number }): Walk {
  if (typeof tree === 'string') {
    if (room.left === 0)
      return { value: { error: 'Too many actions in the sequence.' }, failed: true, ran: [] };
    room.left -= 1;
    return { value: codes[tree]!(value), failed: tree === 'fail', ran: [tree] };
  }
  let [now, ran]: [Json, string[]] = [value, []];
  for (const part of tree) {
    const step = walk(part, now, room);
    [now, ran] = [step.value, [...ran, ...step.ran]];
    if (step.failed) return { value: now, failed: true, ran };
  }
  return { value: now, failed: false, ran };
}

const { tree } = fc.letrec<{ tree: Tree; part: Tree }>((tie) => ({
  tree: fc.array(tie('part'), { minLength: 1, maxLength: 5 }),
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 5, arbitrary: fc.constantFrom<Tree>('increment', 'increment', 'double', 'list') },
    { weight: 1, arbitrary: fc.constant<Tree>('fail') },
    { weight: 3, arbitrary: tie('tree') },
  ),
}));

async function build(platform: ReturnType<typeof openComposites>, root: Tree): Promise<string> {
  let count = 0;
  async function add(node: Tree): Promise<string> {
    if (typeof node === 'string') return node;
    const names: string[] = [];
    for (const part of node) names.push(await add(part));
    const name = `seq${count++}`;
    await platform.sequence(name, ...names);
    return name;
  }
  return add(root);
}

test(
  'sequences of sequences answer, stop and are recorded as a simple model says',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(1000), fc.integer({ min: 3, max: 20 }), async (root, n, limit) => {
        const platform = openComposites({ limits: { sequenceMaxLength: limit } });
        for (const [name, code] of Object.entries(codes)) await platform.plain(name, code);
        const name = await build(platform, root);
        const outcome = await platform.invoke(name, { n });
        const expected = walk(root, { n }, { left: limit });

        expect(answerOf(outcome)).toEqual([expected.failed ? 1 : 0, expected.value]);
        expect(platform.requests.map(({ target }) => target.name.name)).toEqual(expected.ran);
        // Every record's duration is that of the records in its log, which name it as their cause.
        const all = new Map([
          ...platform.records,
          ...platform.journal.finished.map((one) => [one.activationId, one] as const),
        ]);
        for (const record of platform.journal.finished) {
          const parts = (platform.journal.logs.get(record.activationId) ?? []).map((id) => all.get(id));
          expect(parts.every((part) => part?.cause === record.activationId)).toBe(true);
          expect(record.duration).toBe(parts.reduce((sum, part) => sum + (part?.duration ?? 0), 0));
          expect(record.topmost).toBe(record.activationId === finished(outcome).activationId);
        }
        expect(platform.dispatch.inFlight()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  },
);
