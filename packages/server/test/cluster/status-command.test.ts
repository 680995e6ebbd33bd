import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { ClusterReport } from '../../src/administration/cluster-report.ts';
import { runProgram } from '../../src/commands/build-program.ts';
import { vibrissa } from '../../src/commands/vibrissa.ts';
import { cleanUp, PlatformProcess } from '../platform/platform-process.ts';
import { leading, memberOf, without } from './recorded-report.ts';

const directory = mkdtempSync(join(tmpdir(), 'vibrissa-cluster-'));
afterAll(async () => {
  await cleanUp();
  rmSync(directory, { recursive: true });
});

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    env: {},
    errIsScreen: false,
  };
  const args = ['cluster', 'status', ...argv, '--data-dir', directory];
  const code = await runProgram(vibrissa, args, { terminal, version: '1.2.3' });
  return { code, out, err };
}

function urlOf(server: Pick<Server, 'address'>): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The admin listener of a program that is no platform. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return urlOf(server);
}

function instance(report: ClusterReport): Promise<string> {
  return serve((request, response) => {
    if (request.url === '/cluster') response.end(JSON.stringify(report));
    else response.writeHead(404).end();
  });
}

/** An address at which nobody listens any more. */
async function deserted(): Promise<string> {
  const url = await serve(() => {});
  closings.pop()?.();
  return url;
}

const leaderless = without('leaderless', [memberOf('a', { isSelf: true })]);

describe('vibrissa cluster status of instances that are no platform', () => {
  it('shows what an instance answers as text, and the same as JSON', async () => {
    const url = await instance(leading);
    const text = await run(url);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatch(/^leader {5}10\.0\.0\.2:7946 \(b17e0c44\), epoch 7, for /);
    expect(text.out).toContain(`\nasked      ${url}\n`);
    const asJson = await run(url, '--json');
    expect(asJson.code).toBe(0);
    expect(JSON.parse(asJson.out)).toEqual(leading);
  });

  it('keeps what newer instances say more, and takes addresses without http:// and with a slash', async () => {
    const newer = { ...leading, weather: 'fine' };
    const url = await instance(newer);
    const { code, out } = await run('--json', url.replace('http://', ''), `${url}/`);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(newer);
  });

  it('ends with 3 where an instance answers and nobody leads, so that a script can wait', async () => {
    const { code, out, err } = await run(await instance(leaderless));
    expect({ code, err }).toEqual({ code: 3, err: '' });
    expect(out).toMatch(/^leader {5}NOBODY: an election is under way/);
  });

  it('asks one instance after the other, and says which did not answer and which did', async () => {
    const dead = await deserted();
    const url = await instance(leading);
    const { code, out, err } = await run(dead, url);
    expect(code).toBe(0);
    expect(err).toBe(`warning: ${dead} does not tell who leads: nobody listens there (ECONNREFUSED).\n`);
    expect(out).toContain(`asked      ${url}`);
  });

  it('ends with 1 where nobody answers, and says of each why, and what to do', async () => {
    const { code, out, err } = await run(await deserted(), 'http://no.such.host.invalid:1');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /^error: http:\/\/127.* nobody listens there \(ECONNREFUSED\)\.\n {2}mend: See that the instance runs.*\nerror: http:\/\/no\.such\.host\.invalid:1 does not tell/,
    );
  });

  it('gives up an address that takes connections and says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createSocketServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closings.push(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    const { code, err } = await run(urlOf(silent));
    expect(code).toBe(1);
    expect(err).toContain('it did not answer within 5 s.');
  }, 20_000);

  it('says of an answer that ends in the middle that it did', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"name":');
      setImmediate(() => response.destroy());
    });
    const { code, err } = await run(url);
    expect(code).toBe(1);
    expect(err).toContain(
      `${url} does not tell who leads: it ended the connection in the middle of its answer.`,
    );
  });

  it('gives up an answer that never ends', async () => {
    const url = await serve((_, response) => {
      const more = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(more));
    });
    const { code, err } = await run(url);
    expect(code).toBe(1);
    expect(err).toContain('it did not answer within 5 s.');
  }, 20_000);

  it.each([
    ['sends no JSON', 200, '<html>hello</html>', 'it sent no JSON'],
    ['is another program', 200, '{"status":"ok"}', 'its JSON is of another program, or of another version'],
    [
      'has no such page',
      404,
      '{"error":"Not found"}',
      'has no page /cluster (HTTP status 404). It says: Not found.',
    ],
    ['fails', 500, 'oops', "can't tell who leads (HTTP status 500)."],
  ])('says so of an address that %s', async (_, status, text, said) => {
    const url = await serve((_request, response) => response.writeHead(status).end(text));
    const { code, out, err } = await run(url);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: http:.*\n {2}mend: /);
    expect(err).toContain(said);
  });

  it('shows the token of a file where instances want one, and says how where it is missing or wrong', async () => {
    const url = await serve((request, response) => {
      const isRight = request.headers.authorization === 'Bearer open-sesame';
      if (isRight) response.end(JSON.stringify(leading));
      else response.writeHead(401).end('{"error":"Show a token"}');
    });
    const without = await run(url);
    expect(without.code).toBe(1);
    expect(without.err).toContain(
      'tells nothing without a token (HTTP status 401). It says: Show a token.\n',
    );
    expect(without.err).toContain('mend: Name the file with its bearer token: --token-file FILE');
    const token = join(directory, 'token');
    writeFileSync(token, 'open-sesame\n');
    expect((await run(url, '--token-file', token)).code).toBe(0);
    writeFileSync(token, 'wrong\n');
    expect((await run(url, '--token-file', token)).err).toContain('refuses the token');
    expect(await run(url, '--token-file', join(directory, 'none'))).toMatchObject({
      code: 2,
      err: expect.stringContaining("can't be read") as string,
    });
  });

  it('does not let an instance write to the terminal', async () => {
    const name = 'x\u001b[2Jy\nz';
    const { out } = await run(await instance({ ...leading, name }));
    expect(out).toContain('cluster    x [2Jy z (');
  });

  it('refuses what is no address', async () => {
    for (const wrong of ['ftp://10.0.0.1', 'http://', 'http://a:b:c']) {
      const { code, err } = await run(wrong);
      expect(code).toBe(2);
      expect(err).toContain(
        `"${wrong}" is no address of an instance.\n  mend: Write it as http://HOST:PORT.`,
      );
    }
  });

  it('says without an address that no platform runs on the data directory', async () => {
    const { code, out, err } = await run();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: No platform runs on .*\n {2}mend: .*--data-dir/);
  });

  it('is watched on while an instance is away, until a signal ends it with the code of the last time', async () => {
    let isAway = false;
    const url = await serve((_, response) => {
      if (isAway) response.destroy();
      else response.end(JSON.stringify(leaderless));
    });
    const watching = new PlatformProcess(['cluster', 'status', '--watch', url], { dataDir: '' });
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until(() => watching.stdout.includes('NOBODY'));
    isAway = true;
    await until(() => watching.stderr.includes('does not tell who leads'));
    isAway = false;
    await until(() => watching.stdout.split('NOBODY').length > 2);
    watching.signal('SIGINT');
    expect(await watching.exited).toEqual({ code: 3, signal: null });
  }, 30_000);
});
