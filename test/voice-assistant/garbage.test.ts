/** Whatever is sent to the skill, it refuses it, or it answers as the assistant wants to be answered. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { complaints, signing, type WebAnswer } from './example-modules.ts';
import { openSkillWorld, SKILL_ID, type SkillWorld } from './skill-world.ts';

/** Thousands of signatures take a few seconds, and longer beside other tests. */
const BUSY_MACHINE_MS = 120_000;

let world: SkillWorld;

beforeAll(async () => {
  // The skill logs every refusal.
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
  world = await openSkillWorld();
});

afterAll(() => world?.close());

function isRefusal({ statusCode, body }: WebAnswer): boolean {
  const members = Object.entries(body as object);
  const [name, value] = members[0] ?? [];
  return [400, 405, 415].includes(statusCode) && members.length === 1 && name === 'error' && value !== '';
}

/** Why an answer is neither a refusal nor one for the assistant. */
function wrongIn(answer: WebAnswer, type: unknown): string[] {
  if (isRefusal(answer)) return [];
  if (answer.statusCode !== 200) return [`the status ${answer.statusCode}`];
  return complaints.complaintsAbout(answer.body, String(type));
}

const names = ['measure', 'period', '__proto__', 'constructor', 'new', 'attributes', 'value', 'id', 'type'];

/** Any JSON, with the names that the skill looks at more often than by chance. */
const garbage = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.jsonValue({ stringUnit: 'binary' }),
    fc.constantFrom<unknown>(
      'last week',
      'visitors',
      'ER_SUCCESS_MATCH',
      'page-views',
      '<speak>',
      '\u0000',
      '\ud800',
      '',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

const orGarbage = (likely: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: garbage });

/** The one that leads furthest into the skill, and now and then another. */
const mostly = (one: string, others: readonly string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(one) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const words = fc.oneof(
  fc.constantFrom('last week', 'last month', 'visitors', 'page views', ''),
  fc.string({ unit: 'binary', maxLength: 300 }),
  // What is no speech, and what is markup.
  fc.string({ unit: fc.constantFrom('\u0000', '\u001b', '\u2028', '\ud83d', '<', '&', '"', 'a', ' ') }),
);

const resolution = fc.record(
  {
    status: orGarbage(fc.record({ code: fc.constantFrom('ER_SUCCESS_MATCH', 'ER_SUCCESS_NO_MATCH') })),
    values: orGarbage(
      fc.array(orGarbage(fc.record({ value: orGarbage(fc.record({ id: orGarbage(words) })) })), {
        maxLength: 2,
      }),
    ),
  },
  { requiredKeys: [] },
);

const slot = fc.record(
  {
    value: orGarbage(words),
    resolutions: orGarbage(
      fc.record({ resolutionsPerAuthority: orGarbage(fc.array(orGarbage(resolution), { maxLength: 2 })) }),
    ),
  },
  { requiredKeys: [] },
);

const intent = fc.record(
  {
    name: orGarbage(mostly('FiguresIntent', ['AMAZON.HelpIntent', 'AMAZON.StopIntent', 'constructor'])),
    slots: orGarbage(fc.record({ measure: orGarbage(slot), period: orGarbage(slot) }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);

const types = [
  'LaunchRequest',
  'IntentRequest',
  'SessionEndedRequest',
  'System.ExceptionEncountered',
  'constructor',
];

const request = fc.record(
  { type: orGarbage(mostly('IntentRequest', types)), intent: orGarbage(intent) },
  { requiredKeys: ['type'] },
);

const session = fc.record(
  {
    new: orGarbage(fc.boolean()),
    attributes: orGarbage(
      fc.record(
        {
          measure: orGarbage(fc.constantFrom('visitors', 'page-views')),
          period: orGarbage(fc.constantFrom('last-week', 'last-month')),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

it(
  'garbage that the assistant itself would have signed is refused or answered as it should be',
  async () => {
    const seen = { refused: 0, answered: 0 };
    await fc.assert(
      fc.asyncProperty(request, fc.option(session, { nil: undefined }), async (asked, about) => {
        const message = signing.messageOf(asked as { readonly type: string }, {
          skillId: SKILL_ID,
          now: world.now,
          ...(about === undefined ? {} : { session: { ...about, application: { applicationId: SKILL_ID } } }),
        });
        const answer = await world.call(signing.signedRequest(message, { key: world.key('assistant') }));
        if (answer.statusCode === 200) seen.answered++;
        else seen.refused++;
        expect(wrongIn(answer, asked.type)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    // Both happened, often: the garbage was neither all too good nor all too bad.
    expect(Math.min(seen.refused, seen.answered)).toBeGreaterThan(50);
  },
  BUSY_MACHINE_MS,
);

it(
  'any text that is signed is refused, or answered as it should be',
  async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      garbage.map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        const answer = await world.call(signing.signedRequest(body, { key: world.key('assistant') }));
        expect(isRefusal(answer)).toBe(true);
      }),
      { numRuns: 300 },
    );
  },
  BUSY_MACHINE_MS,
);

it(
  'what is not signed is refused, whatever stands in its headers and its body',
  async () => {
    const headers = fc.dictionary(
      fc.oneof(
        fc.constantFrom('content-type', 'signature-256', 'signaturecertchainurl', '__proto__'),
        fc.string(),
      ),
      fc.oneof(
        fc.constantFrom('application/json', 'https://s3.amazonaws.com/echo.api/assistant-chain.pem', 'YQ=='),
        fc.string(),
      ),
      { noNullPrototype: true },
    );
    const args = fc.record(
      {
        __ow_method: fc.constantFrom('get', 'post', 'put'),
        __ow_headers: headers,
        __ow_path: fc.string(),
        __ow_query: fc.string(),
        __ow_body: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: ['__ow_method', '__ow_headers'] },
    );
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        expect(isRefusal(await world.skill({ ...world.parameters, ...given }))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  },
  BUSY_MACHINE_MS,
);
