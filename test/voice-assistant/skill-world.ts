/** A skill as the platform calls it, with certificates by openssl and real servers around it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  analytics,
  certificates,
  certificateServer,
  type Skill,
  type SignedRequest,
  signing,
  skills,
  visitMaker,
  type WebAnswer,
} from './example-modules.ts';

export const SKILL_ID = 'amzn1.ask.skill.test';
/** The time of day for the skill; certificates are valid for two days from the real one. */
const TODAY = '2017-09-15';

export interface SkillWorld {
  readonly directory: string;
  /** What the clock of the skill shows, in ms since 1970. */
  now: number;
  /** How often the skill fetched something, by address. */
  readonly fetched: string[];
  readonly parameters: { readonly [name: string]: string };
  readonly key: (name: string) => string;
  /** Calls the skill with what the platform makes of a request. */
  readonly call: (request: Partial<SignedRequest>, parameters?: object) => Promise<WebAnswer>;
  /** Sends a message that is right in all things but what is given. */
  readonly send: (request: { readonly type: string; readonly [more: string]: unknown }) => Promise<WebAnswer>;
  readonly skill: Skill;
  readonly close: () => Promise<void>;
}

/** The arguments of a raw web action: names of headers in lower case, JSON as base64. */
export function argumentsOf({ method = 'POST', headers = {}, body = '' }: Partial<SignedRequest>): {
  readonly [name: string]: unknown;
} {
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  return {
    __ow_method: method.toLowerCase(),
    __ow_headers: headers,
    __ow_path: '',
    __ow_query: '',
    __ow_body: isJson ? Buffer.from(body).toString('base64') : body,
  };
}

/** Opens it; the caller closes it. */
export async function openSkillWorld(): Promise<SkillWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'voice-skill-'));
  await certificates.makeCertificates(directory);
  const file = join(directory, 'visits.csv');
  writeFileSync(file, visitMaker.makeVisits({ today: TODAY, seed: 7 }));
  const host = '127.0.0.1';
  const figures = await analytics.serveAnalytics({ file, today: TODAY, key: 'sesame', host });
  const chains = await certificateServer.serveCertificates(directory, host);
  const key = (name: string) => readFileSync(join(directory, `${name}.key`), 'utf8');
  const fetched: string[] = [];
  const parameters = {
    skillId: SKILL_ID,
    analyticsUrl: figures.url,
    analyticsKey: 'sesame',
    certificatesFrom: chains.url,
    trustedRoots: readFileSync(join(directory, 'root.pem'), 'utf8'),
  };
  const skill = skills.createSkill({
    now: () => world.now,
    fetch: (address, init) => {
      fetched.push(String(address));
      return fetch(address, init);
    },
  });
  const world: SkillWorld = {
    directory,
    now: Date.now(),
    fetched,
    parameters,
    key,
    skill,
    call: (request, more = {}) => skill({ ...parameters, ...more, ...argumentsOf(request) }),
    send: (request) => {
      const session = { new: true, attributes: {} };
      const message = signing.messageOf(request, { skillId: SKILL_ID, session, now: world.now });
      return world.call(signing.signedRequest(message, { key: key('assistant') }));
    },
    close: async () => {
      await figures.close();
      await chains.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}
