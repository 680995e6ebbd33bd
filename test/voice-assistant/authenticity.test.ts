/** Who may speak to the skill: every rule that the assistant's makers set for skills, broken one at a time. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chains, signing, type SignedRequest, type WebAnswer } from './example-modules.ts';
import { openSkillWorld, SKILL_ID, type SkillWorld } from './skill-world.ts';

const LAUNCH = { type: 'LaunchRequest' };

let world: SkillWorld;

beforeAll(async () => {
  // The skill logs every refusal.
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
  world = await openSkillWorld();
});

afterAll(() => world?.close());

beforeEach(() => {
  world.now = Date.now();
  world.fetched.length = 0;
});

interface Wish {
  readonly now?: number;
  readonly chain?: string;
  /** Whose key signs; otherwise the chain's own. */
  readonly key?: string;
  readonly skillId?: string;
}

function launch({ now = world.now, chain = 'assistant', key = chain, skillId = SKILL_ID }: Wish = {}) {
  const message = signing.messageOf(LAUNCH, { skillId, now });
  return signing.signedRequest(message, { key: world.key(key), chain: `${chain}-chain.pem` });
}

function signedText(text: string): SignedRequest {
  return signing.signedRequest(text, { key: world.key('assistant') });
}

const withHeaders = (request: SignedRequest, headers: { readonly [name: string]: string }) => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

const refusal = (error: string, statusCode = 400): WebAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: { error },
});

describe('a request of the assistant', () => {
  it('is answered', async () => {
    expect(await world.call(launch())).toMatchObject({ statusCode: 200, body: { version: '1.0' } });
  });

  it('costs no more fetches once its certificates were right', async () => {
    await world.call(launch());
    world.fetched.length = 0;
    await world.call(launch());
    expect(world.fetched).toEqual([]);
  });

  it('is refused when its certificates, right once, have expired since', async () => {
    await world.call(launch());
    world.now += 3 * 86_400_000;
    expect(await world.call(launch())).toEqual(refusal('A certificate is not valid at this time.'));
    // They may have been published anew.
    world.fetched.length = 0;
    await world.call(launch());
    expect(world.fetched).toHaveLength(1);
  });

  it('has its certificates kept, but not those of every place that was ever named', async () => {
    const chain = readFileSync(join(world.directory, 'assistant-chain.pem'));
    const names = Array.from({ length: 9 }, (_, index) => `place${index}`);
    for (const name of names) {
      writeFileSync(join(world.directory, `${name}-chain.pem`), chain);
      expect(await world.call(launch({ chain: name, key: 'assistant' }))).toMatchObject({ statusCode: 200 });
    }
    world.fetched.length = 0;
    await world.call(launch({ chain: 'place0', key: 'assistant' }));
    expect(world.fetched).toHaveLength(1);
  });

  it('is refused while its certificates are not valid yet', async () => {
    world.now -= 86_400_000;
    expect(await world.call(launch())).toEqual(refusal('A certificate is not valid at this time.'));
  });

  it.each([-149_000, 149_000])('is taken %i ms from now', async (offset) => {
    expect(await world.call(launch({ now: world.now + offset }))).toMatchObject({ statusCode: 200 });
  });

  it.each([-151_000, 151_000])('is refused %i ms from now', async (offset) => {
    expect(await world.call(launch({ now: world.now + offset }))).toEqual(
      refusal('The request was not made just now.'),
    );
  });

  it('is refused when it is for another skill, or for none', async () => {
    const elsewhere = refusal('The request is for another skill.');
    expect(await world.call(launch({ skillId: 'amzn1.ask.skill.other' }))).toEqual(elsewhere);
    const timestamp = new Date(world.now).toISOString();
    const text = JSON.stringify({ version: '1.0', request: { ...LAUNCH, timestamp } });
    expect(await world.call(signedText(text))).toEqual(elsewhere);
    const two = signing.messageOf(LAUNCH, { skillId: SKILL_ID, now: world.now });
    const session = { application: { applicationId: 'amzn1.ask.skill.other' } };
    expect(await world.call(signedText(JSON.stringify({ ...two, session })))).toEqual(elsewhere);
  });

  it('is refused by a skill that was not told its own id', async () => {
    expect(await world.call(launch(), { skillId: '' })).toEqual(refusal('The request is for another skill.'));
  });
});

describe('a signature', () => {
  it('has to be there', async () => {
    const { 'signature-256': _, ...headers } = launch().headers;
    expect(await world.call({ ...launch(), headers })).toEqual(
      refusal('The request is not signed: the header Signature-256 is missing.'),
    );
    expect(world.fetched).toEqual([]);
  });

  it.each(['', 'no base64!', 'YQ==\n'])('has to be base64: %j', async (signature) => {
    expect(await world.call(withHeaders(launch(), { 'signature-256': signature }))).toEqual(
      refusal('The header Signature-256 is not base64.'),
    );
  });

  it('has to be as long as one', async () => {
    for (const signature of ['YQ==', 'a'.repeat(100_000)])
      expect(await world.call(withHeaders(launch(), { 'signature-256': signature }))).toEqual(
        refusal('The signature is not that of this request.'),
      );
  });

  it('has to be that of the body, byte for byte', async () => {
    const request = launch();
    const wrong = refusal('The signature is not that of this request.');
    expect(await world.call({ ...request, body: `${request.body} ` })).toEqual(wrong);
    expect(await world.call({ ...request, body: '' })).toEqual(wrong);
  });

  it('has to be made with the certificate’s key', async () => {
    expect(await world.call(launch({ key: 'neighbour' }))).toEqual(
      refusal('The signature is not that of this request.'),
    );
  });

  it('is proved before anything is read', async () => {
    const request = { ...launch(), body: '{"request": ' };
    expect(await world.call(request)).toEqual(refusal('The signature is not that of this request.'));
  });
});

describe('the place of the certificates', () => {
  // The examples, right and wrong, that the assistant's makers give are among these.
  it.each([
    'https://s3.amazonaws.com/echo.api/echo-api-cert.pem',
    'https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem',
    'https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem',
    'HTTPS://S3.amazonaws.com/echo.api/echo-api-cert.pem#fragment',
  ])('may be %s', (text) => {
    expect(chains.chainAddress(text).href).toBe('https://s3.amazonaws.com/echo.api/echo-api-cert.pem');
  });

  it.each([
    'http://s3.amazonaws.com/echo.api/echo-api-cert.pem',
    'https://notamazon.com/echo.api/echo-api-cert.pem',
    'https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem',
    'https://s3.amazonaws.com/invalid.path/echo-api-cert.pem',
    'https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem',
    'https://s3.amazonaws.com@evil.example/echo.api/a.pem',
    'https://user:word@s3.amazonaws.com/echo.api/a.pem',
    'https://s3.amazonaws.com./echo.api/a.pem',
    'https://s3.amazonaws.com.evil.example/echo.api/a.pem',
    'https://s3.amazonaws.com/echo.api/../evil/a.pem',
    'https://s3.amazonaws.com/echo.api/%2e%2e/evil/a.pem',
    'https://s3.amazonaws.com/echo.api/..%2fevil/a.pem',
    'https://s3.amazonaws.com/echo.api\\..\\..\\evil\\a.pem',
    'https://s3.amazonaws.com/echo.apix/a.pem',
    'https://s3.amazonaws.com/echo.api/',
    'https://s3.amazonaws.com/echo.api/a.pem?versionId=1',
    'file:///etc/passwd',
  ])('may not be %s', async (text) => {
    expect(await world.call(withHeaders(launch(), { signaturecertchainurl: text }))).toEqual(
      refusal('The certificates lie in a place that is not the assistant’s.'),
    );
    expect(world.fetched).toEqual([]);
  });

  it('has to be named', async () => {
    const { signaturecertchainurl: _, ...headers } = launch().headers;
    for (const request of [
      { ...launch(), headers },
      withHeaders(launch(), { signaturecertchainurl: 'nowhere' }),
    ])
      expect(await world.call(request)).toEqual(refusal('The header SignatureCertChainUrl has no address.'));
  });

  it('has to have them', async () => {
    expect(await world.call(launch({ chain: 'absent', key: 'assistant' }))).toEqual(
      refusal('The certificates can’t be fetched.'),
    );
  });

  it.each([
    ['sends elsewhere', 302, ''],
    ['has megabytes', 200, '-----BEGIN CERTIFICATE-----\n'.repeat(40_000)],
    ['fails', 500, ''],
  ])('is not followed when it %s', async (_, status, body) => {
    const headers = { location: `${world.parameters['certificatesFrom']}/echo.api/assistant-chain.pem` };
    const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const certificatesFrom = `http://127.0.0.1:${port}`;
    expect(await world.call(launch(), { certificatesFrom })).toEqual(
      refusal('The certificates can’t be fetched.'),
    );
    server.closeAllConnections();
    server.close();
  });
});

describe('a chain of certificates', () => {
  const read = (name: string) => readFileSync(join(world.directory, name), 'utf8');
  const roots = () => [new X509Certificate(read('root.pem'))];
  /** A minute later: some of the certificates are made by a test, and begin at its second. */
  const signer = (pem: string) => chains.signerOf(pem, { roots: roots(), now: world.now + 60_000 });

  /** A certificate for the assistant's name, or an authority's, by whoever signs it. */
  function issue(
    name: string,
    { issuer, subject = 'echo-api.amazon.com', authority = false, key = name, more = [] }: Issue,
  ) {
    const file = (suffix: string) => join(world.directory, suffix);
    const extensions = authority
      ? ['basicConstraints=critical,CA:TRUE']
      : ['basicConstraints=critical,CA:FALSE', 'subjectAltName=DNS:echo-api.amazon.com'];
    const named = [...extensions.flatMap((extension) => ['-addext', extension]), ...more];
    const by = ['-CA', file(`${issuer}.pem`), '-CAkey', file(`${issuer}.key`)];
    const made = [
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file(`${key}.key`),
      '-out',
      file(`${name}.pem`),
    ];
    const config = ['-config', file('openssl.cnf'), '-subj', `/CN=${subject}`, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...config, ...named, ...by, ...made], { stdio: 'pipe' });
    return read(`${name}.pem`);
  }

  interface Issue {
    readonly issuer: string;
    readonly subject?: string;
    readonly authority?: boolean;
    readonly key?: string;
    readonly more?: readonly string[];
  }

  it('leads from the assistant’s name to a trusted root', () => {
    expect(signer(read('assistant-chain.pem')).asymmetricKeyType).toBe('rsa');
  });

  it('may have its authorities in any order, and some too many', () => {
    const others = [read('own-root.pem'), read('authority.pem'), read('root.pem')];
    expect(signer([read('assistant.pem'), ...others].join('\n')).asymmetricKeyType).toBe('rsa');
  });

  it('is refused when it is another’s', async () => {
    expect(await world.call(launch({ chain: 'neighbour' }))).toEqual(
      refusal('The certificate is not that of echo-api.amazon.com.'),
    );
  });

  it('is refused when it leads to a root of its own, or to none', async () => {
    const nobody = 'The certificates lead to nobody who is trusted.';
    expect(await world.call(launch({ chain: 'impostor' }))).toEqual(refusal(nobody));
    expect(() => signer(read('assistant.pem'))).toThrow(nobody);
  });

  it('is refused by the public roots, which the skill has when it is given none', async () => {
    expect(await world.call(launch(), { trustedRoots: '' })).toEqual(
      refusal('The certificates lead to nobody who is trusted.'),
    );
  });

  it('is refused when one in it was issued by somebody who is no authority', () => {
    const forged = issue('forged', { issuer: 'assistant' });
    expect(() => signer(forged + read('assistant-chain.pem'))).toThrow('nobody who is trusted');
  });

  it('is refused when its root only has a trusted one’s name', () => {
    const file = (suffix: string) => join(world.directory, suffix);
    const own = ['-subj', '/CN=Example Root', '-addext', 'basicConstraints=critical,CA:TRUE', '-days', '2'];
    const made = [
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file('namesake.key'),
      '-out',
      file('namesake.pem'),
    ];
    execFileSync('openssl', ['req', '-x509', '-config', file('openssl.cnf'), ...own, ...made], {
      stdio: 'pipe',
    });
    // Without the identifier of the authority's key nothing but the signature tells the two roots apart.
    const forged = issue('forged-name', {
      issuer: 'namesake',
      more: ['-addext', 'authorityKeyIdentifier=none'],
    });
    expect(() => signer(forged + read('namesake.pem'))).toThrow('nobody who is trusted');
    const namesake = new X509Certificate(read('namesake.pem'));
    const now = world.now + 60_000;
    expect(chains.signerOf(forged, { roots: [namesake], now }).asymmetricKeyType).toBe('rsa');
  });

  it('is refused when its root’s time is over', () => {
    const file = (suffix: string) => join(world.directory, suffix);
    const own = ['-subj', '/CN=Short', '-addext', 'basicConstraints=critical,CA:TRUE', '-days', '1'];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file('short.key'), '-out', file('short.pem')];
    execFileSync('openssl', ['req', '-x509', '-config', file('openssl.cnf'), ...own, ...made], {
      stdio: 'pipe',
    });
    const pem = issue('outliving', { issuer: 'short' });
    const trusted = [new X509Certificate(read('short.pem'))];
    const at = (hours: number) => () =>
      chains.signerOf(pem, { roots: trusted, now: world.now + hours * 3_600_000 });
    expect(at(1)().asymmetricKeyType).toBe('rsa');
    expect(at(36)).toThrow('nobody who is trusted');
  });

  it('ends, though it goes in a circle', () => {
    writeFileSync(
      join(world.directory, 'ring-a.pem'),
      issue('ring-a', { issuer: 'own-root', subject: 'A', authority: true }),
    );
    const b = issue('ring-b', { issuer: 'ring-a', subject: 'B', authority: true });
    const leaf = issue('ring-leaf', { issuer: 'ring-a' });
    // A once more, with the same name and key, this time by B.
    const again = execFileSync(
      'openssl',
      [
        [
          'req',
          '-x509',
          '-key',
          'ring-a.key',
          '-CA',
          'ring-b.pem',
          '-CAkey',
          'ring-b.key',
          '-config',
          'openssl.cnf',
        ],
        ['-subj', '/CN=A', '-addext', 'basicConstraints=critical,CA:TRUE', '-days', '2'],
      ].flat(),
      { cwd: world.directory, encoding: 'utf8', stdio: 'pipe' },
    );
    expect(() => signer(leaf + again + b)).toThrow('nobody who is trusted');
  });

  it.each([
    ['', 'There is no certificate'],
    ['garbage', 'There is no certificate'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'can’t be read'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'.repeat(11), 'too many'],
  ])('is refused when it is none: %j', (pem, why) => {
    expect(() => signer(pem)).toThrow(why);
  });
});

describe('a request that is signed, and still none', () => {
  const at = () => JSON.stringify(new Date(world.now).toISOString());
  const application = `"context":{"System":{"application":{"applicationId":"${SKILL_ID}"}}}`;

  it.each([
    ['', 'The request is not JSON.'],
    ['{', 'The request is not JSON.'],
    ['null', 'The request doesn’t say when it was made.'],
    ['[]', 'The request doesn’t say when it was made.'],
    ['"text"', 'The request doesn’t say when it was made.'],
    ['{"request":{"timestamp":17}}', 'The request doesn’t say when it was made.'],
    ['{"request":{"timestamp":{"toString":1}}}', 'The request doesn’t say when it was made.'],
    ['{"request":{"timestamp":"2017-99-99T00:00:00Z"}}', 'The request doesn’t say when it was made.'],
    ['{"request":{"timestamp":NOW}}', 'The request is for another skill.'],
    ['{APP,"request":{"timestamp":NOW}}', 'The request has no type.'],
    ['{APP,"request":{"timestamp":NOW,"type":"IntentRequest"}}', 'An intent has no name.'],
    ['{APP,"request":{"timestamp":NOW,"type":"IntentRequest","intent":[]}}', 'An intent has no name.'],
  ])('is refused: %s', async (text, error) => {
    const body = text.replace('NOW', at()).replace('APP', application);
    expect(await world.call(signedText(body))).toEqual(refusal(error));
  });

  it('is refused when it is nested without end', async () => {
    expect(await world.call(signedText('['.repeat(200_000)))).toEqual(refusal('The request is not JSON.'));
    const deep = `{${application},"request":{"timestamp":${at()},"type":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
    expect(await world.call(signedText(deep))).toEqual(refusal('The request has no type.'));
  });

  it('of a type that nobody knows is answered with silence', async () => {
    expect(await world.send({ type: 'AudioPlayer.PlaybackStarted' })).toMatchObject({
      statusCode: 200,
      body: { version: '1.0', response: {} },
    });
  });
});

it('only JSON by POST is a request at all', async () => {
  expect(await world.call({ ...launch(), method: 'GET' })).toEqual(
    refusal('A skill is spoken to by POST.', 405),
  );
  expect(await world.call(withHeaders(launch(), { 'content-type': 'text/plain' }))).toEqual(
    refusal('A skill is spoken to in JSON.', 415),
  );
});

describe('figures that can’t be had', () => {
  const ask = {
    type: 'IntentRequest',
    intent: {
      name: 'FiguresIntent',
      slots: { measure: { value: 'visitors' }, period: { value: 'last week' } },
    },
  };

  async function said(status: number, body: string, headers = {}): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const message = signing.messageOf(ask, { skillId: SKILL_ID, now: world.now });
    const request = signing.signedRequest(message, { key: world.key('assistant') });
    const answer = await world.call(request, { analyticsUrl: `http://127.0.0.1:${port}` });
    server.closeAllConnections();
    server.close();
    expect(answer.statusCode).toBe(200);
    return JSON.stringify(answer.body);
  }

  const figures = {
    total: 1,
    before: 1,
    from: '2017-09-04',
    to: '2017-09-10',
    busiest: { day: '2017-09-04', count: 1 },
  };

  it('are told when the service has them', async () => {
    expect(await said(200, JSON.stringify(figures))).toContain('There was 1 visitor last week.');
  });

  it.each([
    ['fails', 500, '{}'],
    ['has none of that time', 404, '{"error": "There are no figures of that time."}'],
    ['doesn’t speak JSON', 200, 'no JSON'],
    ['says nothing', 200, '{}'],
    ['says null', 200, 'null'],
    ['says markup', 200, JSON.stringify({ ...figures, total: '<break/>' })],
    ['counts below nothing', 200, JSON.stringify({ ...figures, total: -1 })],
    ['has its own calendar', 200, JSON.stringify({ ...figures, busiest: { day: '2017-99-99', count: 1 } })],
    ['says far too much', 200, JSON.stringify({ ...figures, more: 'x'.repeat(20_000) })],
    ['sends elsewhere', 302, ''],
  ])('are regretted when the service %s', async (_, status, body) => {
    const headers = status === 302 ? { location: world.parameters['analyticsUrl'] } : {};
    expect(await said(status, body, headers)).toContain('can’t be had right now');
  });

  it('are regretted when the service’s address is none', async () => {
    const message = signing.messageOf(ask, { skillId: SKILL_ID, now: world.now });
    const request = signing.signedRequest(message, { key: world.key('assistant') });
    const { body } = await world.call(request, { analyticsUrl: 'nowhere' });
    expect(JSON.stringify(body)).toContain('can’t be had right now');
  });
});
