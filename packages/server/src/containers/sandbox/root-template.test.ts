import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRootTemplate, type RootTemplate } from './root-template.ts';

const inside = '/opt/nodejs-24/node';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vibrissa-template-'));
  chmodSync(directory, 0o755);
  for (const name of ['home', 'runtimes', 'runtimes/nodejs', 'runtimes/nodejs/test'])
    mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'home/node'), 'a program', { mode: 0o755 });
  writeFileSync(join(directory, 'runtimes/nodejs/runtime.js'), 'a runtime', { mode: 0o600 });
  writeFileSync(join(directory, 'runtimes/nodejs/test/hidden.js'), 'a test');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const bind = () => ({ host: join(directory, 'home/node'), inside });

function make(ownUsers: boolean): RootTemplate {
  const command = { kind: 'nodejs:24', argv: [inside, '/runtime/nodejs/runtime.js'], binds: [bind()] };
  return makeRootTemplate({
    root: join(directory, 'root'),
    runtimeDir: join(directory, 'runtimes'),
    commands: [command],
    ownUsers,
  });
}

describe('the root of the sandboxes', () => {
  it('has a copy of the runtimes that everyone can read, without their tests', () => {
    make(true);
    expect(readFileSync(join(directory, 'root/runtime/nodejs/runtime.js'), 'utf8')).toBe('a runtime');
    expect(existsSync(join(directory, 'root/runtime/nodejs/test'))).toBe(false);
  });

  it('binds a program that its user can reach, and a plain process runs the original', () => {
    const template = make(true);
    expect(template.bindsOf('nodejs:24')).toEqual([bind()]);
    expect(template.hostPathOf(bind())).toBe(bind().host);
  });

  it('holds a program that lies where its user cannot go, also for a plain process', () => {
    chmodSync(join(directory, 'home'), 0o700);
    const template = make(true);
    expect(template.bindsOf('nodejs:24')).toEqual([]);
    expect(template.hostPathOf(bind())).toBe(join(directory, 'root', inside));
    expect(readFileSync(template.hostPathOf(bind()), 'utf8')).toBe('a program');
  });

  it('leaves such a program where it is when sandboxes run as the same user', () => {
    chmodSync(join(directory, 'home'), 0o700);
    expect(make(false).hostPathOf(bind())).toBe(bind().host);
  });
});
