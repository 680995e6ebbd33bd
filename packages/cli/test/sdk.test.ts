import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWorkplace, runBinary, runWsk, type Workplace } from './run-wsk.ts';

let place: Workplace;

beforeEach(() => {
  place = makeWorkplace();
});

afterEach(() => place.remove());

test('the completion for bash is written once, and works', async () => {
  const first = await runBinary(place, ['sdk', 'install', 'bashauto']);
  expect(first).toEqual({
    exitCode: 0,
    stdout:
      'The bash auto-completion script (wsk_cli_bash_completion.sh) is installed in the current directory.\n' +
      'To enable command line completion of wsk commands, source the auto completion script into your bash environment\n',
    stderr: '',
  });
  const file = place.path('wsk_cli_bash_completion.sh');
  const printed = await runWsk(place, ['sdk', 'install', 'bashauto', '--stdout']);
  expect(printed.stdout).toBe(readFileSync(file, 'utf8'));
  const script = `source ${file}; COMP_WORDS=(wsk trig); COMP_CWORD=1; _wsk; echo "\${COMPREPLY[@]}"`;
  expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim()).toBe('trigger');
  const second = await runBinary(place, ['sdk', 'install', 'bashauto']);
  expect(second).toMatchObject({ exitCode: 2, stdout: '' });
  expect(second.stderr).toContain(
    'The file wsk_cli_bash_completion.sh already exists.  Delete it and retry.',
  );
});

/** A platform that offers the archives. */
async function offer(files: Readonly<Record<string, Buffer>>): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    expect(request.headers.authorization).toBeUndefined();
    const body = files[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('archives that a platform offers are installed, and a damaged one leaves nothing', async () => {
  mkdirSync(place.path('source/dockerSkeleton'), { recursive: true });
  writeFileSync(place.path('source/dockerSkeleton/Dockerfile'), 'FROM x\n');
  const archive = spawnSync('tar', ['-czf', '-', '-C', place.path('source'), 'dockerSkeleton']).stdout;
  const zip = Buffer.from([0x50, 0x4b, 0xff, 0x00]);
  const good = await offer({ '/blackbox.tar.gz': archive, '/OpenWhiskIOSStarterApp.zip': zip });
  const bad = await offer({ '/blackbox.tar.gz': archive.subarray(0, 40) });
  try {
    const damaged = await runBinary(place, ['sdk', 'install', 'docker', '--apihost', bad.url]);
    expect(damaged.exitCode).toBe(1);
    expect(damaged.stderr).toContain('error: The docker SDK cannot be unpacked: ');
    expect(existsSync(place.path('dockerSkeleton'))).toBe(false);
    const docker = await runBinary(place, ['sdk', 'install', 'docker', '--apihost', good.url]);
    expect(docker.stdout).toBe('The docker skeleton is now installed at the current directory.\n');
    expect(readFileSync(place.path('dockerSkeleton/Dockerfile'), 'utf8')).toBe('FROM x\n');
    const ios = await runBinary(place, ['sdk', 'install', 'ios', '--apihost', good.url]);
    expect(ios.stdout).toContain("Unzip 'OpenWhiskIOSStarterApp.zip'");
    expect(readFileSync(place.path('OpenWhiskIOSStarterApp.zip'))).toEqual(zip);
  } finally {
    good.server.close();
    bad.server.close();
  }
});
