import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../src/transport/http-transport.ts';
import type { Credentials } from '../../src/transport/authorizer.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import {
  accepting,
  aMaster,
  beginStream,
  closeMasters,
  frame,
  refusing,
  type ScriptedMaster,
  subscribed,
  type Received,
} from './scripted-master.ts';
import { closeConnections, revive, subscribe } from './told.ts';

afterEach(async () => {
  closeConnections();
  await closeMasters();
});

/** A master that lets in who shows this header. */
function guarded(
  isRight: (authorization: string | undefined, request: Received) => boolean,
): Promise<ScriptedMaster> {
  return aMaster((request, response) => {
    const authorization = request.headers['authorization'] as string | undefined;
    if (isRight(authorization, request)) return accepting(subscribed)(request, response);
    response.setHeader('WWW-Authenticate', 'Basic realm="mesos-master-scheduler"');
    refusing(401, '401 Unauthorized.')(request, response);
  });
}

describe('basic credentials', () => {
  const right = `Basic ${Buffer.from('fw:sécret:1').toString('base64')}`;

  it('are shown on SUBSCRIBE and on every call (O10)', async () => {
    const master = await guarded((authorization) => authorization === right);
    const { told, connection } = subscribe(master.url, {
      credentials: { principal: 'fw', secret: 'sécret:1' },
    });
    await told.heard(1);
    connection.send(1, revive);
    await told.answered(1);
    expect(told.answers[0]?.status).toBe(202);
    expect(master.received.map(({ headers }) => headers['authorization'])).toEqual([right, right]);
  });

  it('that are wrong or missing are refused, once (O10)', async () => {
    const master = await guarded((authorization) => authorization === right);
    for (const options of [{}, { credentials: { principal: 'fw', secret: 'wrong' } }]) {
      const { told } = subscribe(master.url, options);
      await told.ended();
      expect(told.end).toEqual({ kind: 'refused', status: 401, text: '401 Unauthorized.' });
    }
    expect(master.received).toHaveLength(2);
  });

  it('can have no colon in the principal', () => {
    expect(() => new HttpTransport({ credentials: { principal: 'a:b', secret: 's3cret' } })).toThrow(
      /^(?=.*'a:b')(?!.*s3cret)/,
    );
  });
});

describe('a token', () => {
  /** Gives token 1, 2, … and remembers which were refused. */
  function provider(): { credentials: Credentials; refused: (string | undefined)[] } {
    const refused: (string | undefined)[] = [];
    const token = (request: { readonly refused?: string }) => {
      refused.push(request.refused);
      return Promise.resolve(`token=${refused.length}`);
    };
    return { credentials: { token }, refused };
  }

  it('is fetched once for all connections of a transport', async () => {
    const master = await guarded((authorization) => authorization === 'token=1');
    const { credentials, refused } = provider();
    const transport = new HttpTransport({ credentials });
    const both = [subscribe(master.url, {}, transport), subscribe(master.url, {}, transport)];
    for (const { told } of both) await told.heard(1);
    expect(refused).toEqual([undefined]);
  });

  it('that nobody waits for any more is asked for again by the connection that comes next', async () => {
    const master = await guarded((authorization) => authorization === 'token=2');
    let asked = 0;
    const token = () => (++asked === 1 ? new Promise<string>(() => {}) : Promise.resolve(`token=${asked}`));
    const transport = new HttpTransport({ credentials: { token } });
    subscribe(master.url, {}, transport).connection.close();
    const { told } = subscribe(master.url, {}, transport);
    await told.until(({ end, events }) => end !== undefined || events.length > 0);
    expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
  });

  it('is fetched anew when it is refused, and SUBSCRIBE sent once more (#12)', async () => {
    const master = await guarded((authorization) => authorization === 'token=2');
    const { credentials, refused } = provider();
    const { told } = subscribe(master.url, { credentials });
    await told.heard(1);
    expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
    expect(refused).toEqual([undefined, 'token=1']);
  });

  it('that is refused twice ends in a refusal (#12)', async () => {
    const master = await guarded(() => false);
    const { credentials, refused } = provider();
    const { told } = subscribe(master.url, { credentials });
    await told.ended();
    expect(told.end).toMatchObject({ kind: 'refused', status: 401 });
    expect(refused).toHaveLength(2);
    expect(master.received).toHaveLength(2);
  });

  it('that ends between calls is fetched anew, once, and the refused calls are sent again in their order (#12)', async () => {
    let valid = 'token=1';
    const master = await guarded((authorization) => authorization === valid);
    const { credentials, refused } = provider();
    const { told, connection } = subscribe(master.url, { credentials });
    await told.heard(1);
    valid = 'token=2';
    for (let id = 0; id < 500; id++) {
      connection.send(id, {
        type: 'MESSAGE',
        framework_id: { value: 'F1' },
        message: { agent_id: { value: 'S1' }, executor_id: { value: 'e' }, data: String(id) },
      });
    }
    await told.answered(500);
    expect(told.answers.map(({ callId, status }) => [callId, status])).toEqual(
      Array.from({ length: 500 }, (_, id) => [id, 202]),
    );
    expect(refused).toEqual([undefined, 'token=1']);
    const heard = master.received.filter(({ headers }) => headers['authorization'] === 'token=2');
    expect(heard.map(({ text }) => (JSON.parse(text) as { message: { data: string } }).message.data)).toEqual(
      Array.from({ length: 500 }, (_, id) => String(id)),
    );
  });

  it('that never pleases is shown twice for each call', async () => {
    const master = await guarded((_, { type }) => type === 'SUBSCRIBE');
    const { told, connection } = subscribe(master.url, { credentials: provider().credentials });
    await told.heard(1);
    connection.send(1, revive);
    connection.send(2, revive);
    await told.answered(2);
    expect(told.answers).toEqual([
      { callId: 1, status: 401, text: '401 Unauthorized.' },
      { callId: 2, status: 401, text: '401 Unauthorized.' },
    ]);
    expect(master.received).toHaveLength(5);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('the login is down'))],
    [
      'throws',
      () => {
        throw new Error('the login is down');
      },
    ],
    ['never answers', () => new Promise<string>(() => undefined)],
  ])('whose provider %s makes the master unreachable for now', async (_, token) => {
    const master = await guarded(() => true);
    const { told } = subscribe(master.url, { credentials: { token }, answerTimeoutMs: 50 });
    await told.ended();
    expect(told.end).toMatchObject({
      kind: 'unreachable',
      error: { message: expect.stringContaining('The token provider gave no token') as unknown },
    });
    expect(master.received).toEqual([]);
  });

  it('that is no header makes the master unreachable', async () => {
    const master = await guarded(() => true);
    const credentials = { token: () => Promise.resolve('token=s3cret\r\nX: y') };
    const { told } = subscribe(master.url, { credentials });
    await told.ended();
    expect(told.all).toEqual(['ended: unreachable']);
    expect(inspect(told.end, { depth: 10 })).not.toContain('s3cret');
  });

  it('that cannot be renewed leaves a call refused', async () => {
    const master = await guarded((_, { type }) => type === 'SUBSCRIBE');
    let isFirst = true;
    const token = () => {
      if (!isFirst) return Promise.reject(new Error('down'));
      isFirst = false;
      return Promise.resolve('token=1');
    };
    const { told, connection } = subscribe(master.url, { credentials: { token } });
    await told.heard(1);
    connection.send(1, revive);
    await told.answered(1);
    expect(told.answers[0]).toMatchObject({
      status: 401,
      text: expect.stringContaining('no token') as unknown,
    });
  });
});

describe('secrets', () => {
  const credentials = { principal: 'fw', secret: 'very-s3cret' };
  const encoded = Buffer.from('fw:very-s3cret').toString('base64');
  const hasSecret = (value: unknown) => {
    const text = inspect(value, { depth: 10, showHidden: true });
    return text.includes('very-s3cret') || text.includes(encoded);
  };

  it('are taken out of what a server sends back of the request', async () => {
    const master = await aMaster((request, response) => {
      const echo = `you sent ${JSON.stringify(request.headers)} fw:very-s3cret`;
      if (request.type === 'SUBSCRIBE') return refusing(400, echo)(request, response);
    });
    const { told } = subscribe(master.url, { credentials });
    await told.ended();
    expect(told.end).toMatchObject({ text: expect.stringContaining('"authorization":"***"') as unknown });
    expect(hasSecret(told.end)).toBe(false);
  });

  it('are taken out of answers to calls, and of errors about garbage', async () => {
    const master = await aMaster((request, response) => {
      const echo = JSON.stringify(request.headers);
      if (request.type === 'SUBSCRIBE') beginStream(response).write(frame(subscribed));
      else refusing(400, echo)(request, response);
    });
    const { told, connection } = subscribe(master.url, { credentials });
    await told.heard(1);
    connection.send(1, revive);
    await told.answered(1);
    expect(told.answers[0]?.text).toContain('***');
    expect(hasSecret(told.answers)).toBe(false);

    const garbler = await aMaster((request, response) => {
      beginStream(response).write(`40\n${String(request.headers['authorization'])}${' '.repeat(40)}`);
    });
    const other = subscribe(garbler.url, { credentials });
    await other.told.ended();
    expect(other.told.end?.kind).toBe('garbage');
    expect(hasSecret(other.told.end)).toBe(false);
  });

  it('are not in the error about a server that echoes what it gets', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { told } = subscribe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { credentials });
    await told.ended();
    expect(told.end?.kind).toBe('garbage');
    expect(hasSecret(told.end)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });

  it('are not sent from TLS to a leader without it', async () => {
    const certificates = makeCertificates();
    const master = await aMaster(
      (_, response) => void response.writeHead(307, { Location: 'http://10.0.0.4:5050' }).end(),
      certificates.master,
    );
    const { told } = subscribe(master.url, { credentials, tls: { ca: certificates.ca } });
    await told.ended();
    expect(told.end).toMatchObject({
      kind: 'garbage',
      error: { message: expect.stringContaining('http://10.0.0.4') as unknown },
    });
  });
});

describe('TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });

  it('serves streams and calls when the CA is given', async () => {
    const master = await aMaster(accepting(subscribed), certificates.master);
    const { told, connection } = subscribe(master.url, { tls: { ca: [certificates.ca] } });
    await told.heard(1);
    connection.send(1, revive);
    await told.answered(1);
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'answered 1: 202']);
  });

  it('keeps a scheme-relative redirect on https (#9)', async () => {
    const location = '//10.0.0.4:5050/master/api/v1/scheduler';
    const master = await aMaster(
      (_, response) => void response.writeHead(307, { Location: location }).end(),
      certificates.master,
    );
    const { told } = subscribe(master.url, { tls: { ca: certificates.ca } });
    expect((await told.ended()).end).toEqual({ kind: 'redirected', leader: 'https://10.0.0.4:5050' });
  });

  it('of an unknown CA is refused, and the error names the option that trusts it', async () => {
    const master = await aMaster(accepting(subscribed), certificates.master);
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.end).toMatchObject({
      kind: 'unreachable',
      error: { message: expect.stringMatching(/not trusted.*tls\.ca/) as unknown },
    });
    expect(master.received).toEqual([]);
  });

  it('of a certificate for another name is refused, unless that name is given', async () => {
    const master = await aMaster(accepting(subscribed), certificates.named);
    const refused = subscribe(master.url, { tls: { ca: certificates.ca } });
    await refused.told.ended();
    expect(refused.told.end).toMatchObject({
      error: { message: expect.stringContaining('tls.servername') as unknown },
    });
    const { told } = subscribe(master.url, { tls: { ca: certificates.ca, servername: 'leader.mesos' } });
    expect((await told.heard(1)).events).toEqual([subscribed]);
  });

  it('shows a client certificate to masters that ask for one', async () => {
    const { ca, framework } = certificates;
    const demanding = { ...certificates.master, ca, requestCert: true, rejectUnauthorized: true };
    const master = await aMaster(accepting(subscribed), demanding);
    const refused = subscribe(master.url, { tls: { ca } });
    await refused.told.ended();
    expect(refused.told.end?.kind).toBe('unreachable');
    const { told } = subscribe(master.url, { tls: { ca, ...framework } });
    expect((await told.heard(1)).events).toEqual([subscribed]);
  });

  it('and its absence, mixed up, are told apart', async () => {
    const plain = await aMaster(accepting(subscribed));
    const secure = await aMaster(accepting(subscribed), certificates.master);
    const one = subscribe(plain.url.replace('http:', 'https:'), { tls: { ca: certificates.ca } });
    await one.told.ended();
    expect(one.told.end).toMatchObject({
      kind: 'unreachable',
      error: { message: expect.stringMatching(/doesn't speak TLS/) as unknown },
    });
    const other = subscribe(secure.url.replace('https:', 'http:'));
    await other.told.ended();
    expect(other.told.end?.kind).toMatch(/garbage|unreachable/);
    expect(other.told.end).toMatchObject({
      error: { message: expect.stringContaining('https://') as unknown },
    });
  });
});
