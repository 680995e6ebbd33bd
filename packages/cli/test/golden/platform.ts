import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

/** Of a busy machine; a test that goes on when it was given up disturbs the next one on the same platform. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = fileURLToPath(new URL('../../../server/bin/vibrissa.js', import.meta.url));

/** A platform of its own, as a user starts it. */
export interface Platform {
  readonly url: string;
  /** Of namespace `guest`. */
  readonly key: string;
  readonly stop: () => Promise<void>;
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VIBRISSA_|CONFIG_|LIMITS_|NODE_)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** Starts the real program on a free port and resolves when it takes requests. */
export async function startPlatform(): Promise<Platform> {
  const directory = mkdtempSync(join(tmpdir(), 'wsk-golden-'));
  const child = spawn(process.execPath, [binary, 'start', '--port', '0', '--data-dir', directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /^Ready on port (\d+)\./m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void ended.then((code) => reject(new Error(`The platform ended with ${String(code)}:\n${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    key: readFileSync(join(directory, 'auth.guest'), 'utf8').trim(),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
