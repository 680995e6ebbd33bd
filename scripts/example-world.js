// What the stories in examples/ happen in: a platform of their own on a free port, users with the command line, and a way to
// leave nothing behind.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { check, cleanEnvironment, tie } from './story.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const vibrissa = join(root, 'packages/server/bin/vibrissa.js');
const wsk = join(root, 'packages/cli/bin/wsk.js');
const START_LIMIT_MS = 40_000;
const STOP_LIMIT_MS = 10_000;

function signal({ child }, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended.
  }
}

/** A word of a command as a shell takes it; a secret shows as the name of the variable that would hold it. */
function asTyped(word) {
  if (word.secret !== undefined) return `"$${word.shown}"`;
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word}'`;
}

function indented(text) {
  return text.trimEnd().replaceAll(/^(?=.)/gm, '     ');
}

/** Lines of at most 76 characters: with what stands before them, a terminal's 80. */
function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= 76) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Steps, platform, users and servers of one story; `close` ends and removes it all. */
export class World {
  #processes = new Set();
  #steps = 0;
  #isOver = false;

  constructor(name) {
    this.directory = mkdtempSync(join(tmpdir(), `vibrissa-${name}-`));
    this.dataDir = join(this.directory, 'data');
    // Should anything go wrong that badly, no process stays.
    process.on('exit', () => this.#processes.forEach((each) => signal(each, 'SIGKILL')));
  }

  get steps() {
    return this.#steps;
  }

  /** Begins the next step: what is done now, and why. */
  step(text) {
    this.#steps += 1;
    console.log(`\n${String(this.#steps).padStart(2)}. ${wrapped(text).join('\n    ')}`);
  }

  say(text) {
    console.log(indented(text));
  }

  /** A process in a group of its own: Ctrl-C is for the story, which then ends the others in order. */
  #start(command, env = {}) {
    check(!this.#isOver, 'the story is over');
    const [program = '', ...words] = command;
    const child = spawn(program, words, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: cleanEnvironment(env),
    });
    const started = { child, out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (started.out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (started.err += text));
    started.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, name) => resolve(code ?? name));
    });
    this.#processes.add(started);
    void started.ended.then(() => this.#processes.delete(started));
    return started;
  }

  /** Starts what runs on, and resolves with what `ready` found in its output. */
  async #serve(command, ready, env) {
    const started = this.#start([...tie, ...command], env);
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      const found = ready.exec(started.out);
      if (found) return { ...found.groups, process: started };
      const ended = await Promise.race([started.ended.then((code) => ({ code })), sleep(20)]);
      const printed = `${started.out}${started.err}`;
      check(!ended, `${command[1]} ended with ${ended?.code}:\n${printed}`);
      check(Date.now() < deadline, `${command[1]} was not ready in time:\n${printed}`);
    }
  }

  /** Starts a program of the example; resolves with the named groups of `ready` in what it prints. */
  startProgram(file, { args = [], env = {}, ready }) {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${asTyped(value)} `);
    this.say(`$ ${settings.join('')}node ${[file, ...args].map(asTyped).join(' ')}`);
    const values = Object.entries(env).map(([name, value]) => [name, value.secret ?? value]);
    return this.#serve([process.execPath, join(root, file), ...args], ready, Object.fromEntries(values));
  }

  /** Starts the platform; `settings` are as in `--set`. */
  async startPlatform(settings = []) {
    const args = ['start', '--port', '0', '--data-dir', this.dataDir];
    for (const setting of settings) args.push('--set', setting);
    this.say(`$ npx vibrissa ${args.map(asTyped).join(' ')}`);
    const { port } = await this.#serve([process.execPath, vibrissa, ...args], /^Ready on port (?<port>\d+)/m);
    this.url = `http://127.0.0.1:${port}`;
    this.say(`The platform is at ${this.url}`);
  }

  /** A command that ends by itself, shown as it is typed and with what it prints. */
  async #run(shown, { command, env = {}, mayFail = false, quiet = false }) {
    console.log(`     ${shown}`);
    const started = this.#start(command, env);
    const code = await started.ended;
    const printed = `${started.out}${started.err}`;
    if (!quiet && printed.trim() !== '') this.say(printed);
    check(mayFail || code === 0, `${shown}\nended with ${code}:\n${printed}`);
    return printed;
  }

  /** Who has that key: `wsk` runs a command as them, `refused` one that has to fail. */
  #userOf(name, key) {
    const env = { WSK_CONFIG_FILE: join(this.directory, `${name}.wskprops`) };
    const run = (words, options) => {
      const plain = words.map((word) => word.secret ?? word);
      const shown = `${name}$ npx wsk ${words.map(asTyped).join(' ')}`;
      return this.#run(shown, { command: [process.execPath, wsk, ...plain], env, ...options });
    };
    return {
      name,
      key,
      configFile: env.WSK_CONFIG_FILE,
      wsk: (...words) => run(words, {}),
      quietly: (...words) => run(words, { quiet: true }),
      refused: async (...words) => {
        const printed = await run(words, { mayFail: true });
        check(printed.startsWith('error:'), `${name} was not refused: ${words.join(' ')}`);
        return printed;
      },
      setUp: () =>
        run(['property', 'set', '--apihost', this.url, '--auth', { secret: key, shown: 'KEY' }], {}),
    };
  }

  /** The user that every platform has. */
  guest() {
    return this.#userOf('guest', readFileSync(join(this.dataDir, 'auth.guest'), 'utf8').trim());
  }

  /** A user with a namespace of the same name. */
  async createUser(name) {
    const words = ['admin', 'user', 'create', name, '--data-dir', this.dataDir];
    const command = [process.execPath, vibrissa, ...words];
    const printed = await this.#run(`$ npx vibrissa ${words.map(asTyped).join(' ')}`, {
      command,
      quiet: true,
    });
    return this.#userOf(name, printed.trim());
  }

  /** A request as curl would send it, shown so, with its answer; `hidden` headers show as `$NAME`. */
  async curl(method, url, { prompt = '', headers = {}, hidden = {}, body, shownBody = body } = {}) {
    const secrets = Object.entries(hidden).map(([header, { shown }]) => `-H "${header}: ${shown}"`);
    // --json says the type of the body.
    const said = Object.entries(headers).filter(([header]) => header !== 'content-type');
    const plain = said.map(([header, value]) => `-H '${header}: ${value}'`);
    const data = body === undefined ? [] : [`--json '${shownBody}'`];
    console.log(`     ${prompt}$ ${['curl', '-X', method, url, ...plain, ...secrets, ...data].join(' ')}`);
    const values = Object.entries(hidden).map(([header, { value }]) => [header, value]);
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers, ...Object.fromEntries(values) },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    this.say(`${response.status} ${text}`);
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  }

  /** Where a program on this machine must listen to be reached by actions, or why it can't be. */
  async reachableAddress() {
    const command = [process.execPath, vibrissa, 'doctor', '--port', '0', '--data-dir', this.dataDir];
    const doctor = this.#start(command);
    await doctor.ended;
    if (/NO ISOLATION/.test(doctor.out)) return { address: '127.0.0.1', isConfined: false };
    const [, trouble] = /^\[ WARN.*\] (internet for actions.*\n.*)$/m.exec(doctor.out) ?? [];
    if (trouble !== undefined) return { trouble: trouble.replace(/\n */, '\n  ') };
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const own = all.find(({ family, internal }) => family === 'IPv4' && !internal);
    return own
      ? { address: own.address, isConfined: true }
      : {
          trouble:
            "This machine has no IPv4 address beside its loopback, and loopback is each sandbox's own.",
        };
  }

  /** What those that run have written to standard error last. */
  complaints() {
    const texts = Array.from(this.#processes, ({ err }) => err.slice(-4000));
    return texts.join('\n').trim();
  }

  async close() {
    this.#isOver = true;
    const all = [...this.#processes];
    for (const each of all) signal(each, 'SIGTERM');
    const ended = Promise.all(all.map((each) => each.ended));
    await Promise.race([ended, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    for (const each of this.#processes) signal(each, 'SIGKILL');
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const interrupted = new Promise((resolve) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(name, () => resolve({ interruption: name }));
});

/**
 * Runs a story and ends the process: with 0 when every step held. With `--keep` everything goes on until Ctrl-C, after the
 * lines that `story` resolved with, which say what to play with.
 */
export async function tell(name, story) {
  const unknown = process.argv.slice(2).find((word) => word !== '--keep');
  if (unknown !== undefined) {
    console.error(
      `error: '${unknown}' is not known.\n  mend: npm run example:${name}, or npm run example:${name} -- --keep`,
    );
    process.exit(2);
  }
  const world = new World(name);
  const mayGoOn = process.argv.includes('--keep');
  try {
    const told = await Promise.race([story(world), interrupted]);
    if (told.interruption) {
      console.error(`\nInterrupted by ${told.interruption}.`);
      process.exitCode = 1;
    } else {
      console.log('\nEvery step held.');
      if (mayGoOn) console.log(`\n${told}`);
    }
  } catch (error) {
    const where = world.steps === 0 ? "can't begin" : `failed in step ${world.steps}`;
    console.error([`\nThe story ${where}: ${error.message}`, world.complaints()].join('\n').trimEnd());
    process.exitCode = 1;
  }
  if (mayGoOn) {
    console.log(`\nCtrl-C ends it and removes ${world.directory}.`);
    await interrupted;
  }
  await world.close();
  console.log('Everything has stopped, and its files are removed.');
  process.exit();
}
