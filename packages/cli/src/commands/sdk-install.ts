import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError, usageError } from '../cli-error.ts';
import { download } from '../client/download.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { renderCompletion } from '../command/render-completion.ts';
import { didYouMean } from '../command/suggest.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import { effectiveOptions } from './options.ts';

const components = ['docker', 'ios', 'bashauto'] as const;
type Component = (typeof components)[number];

/** What a platform that offers it keeps at its root, and how to do without. */
const archives = {
  docker: {
    file: 'blackbox.tar.gz',
    done: 'The docker skeleton is now installed at the current directory.',
    instead: 'An executable or a folder with one runs without it: wsk action create NAME FILE --native',
  },
  ios: {
    file: 'OpenWhiskIOSStarterApp.zip',
    done: "Downloaded OpenWhisk iOS starter app. Unzip 'OpenWhiskIOSStarterApp.zip' and open the project in Xcode.",
    instead: 'Any HTTP client calls actions; their address: wsk action get NAME --url',
  },
} as const;

const SKELETON = 'dockerSkeleton';
const COMPLETION_FILE = 'wsk_cli_bash_completion.sh';

/** Writes a file of the current directory that is not there yet. */
function writeNew(name: string, content: string | Buffer): string {
  const path = resolve(name);
  if (existsSync(path)) throw usageError(`The file ${name} already exists.  Delete it and retry.`);
  try {
    writeFileSync(path, content, { flag: 'wx' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot create file '${path}': ${reason}`, { cause: error });
  }
  return path;
}

/** Unpacks the archive's one folder under the name that it has in OpenWhisk, and nothing beside it. */
function unpackSkeleton(archive: Buffer): string {
  const path = resolve(SKELETON);
  if (existsSync(path)) throw usageError(`The file ${SKELETON} already exists.  Delete it and retry.`);
  mkdirSync(path);
  const { status, stderr, error } = spawnSync('tar', ['-xzf', '-', '-C', path, '--strip-components=1'], {
    input: archive,
    encoding: 'utf8',
  });
  if (status === 0) return path;
  rmSync(path, { recursive: true });
  throw new CliError(`The docker SDK cannot be unpacked: ${error?.message ?? stderr.trim()}`);
}

interface Installed {
  readonly component: Component;
  readonly path: string;
  readonly says: string;
}

function report({ output }: CommandContext, { component, path, says }: Installed): number {
  output.line(says);
  if (output.format !== 'text') output.document(JSON.stringify({ component, path }));
  return 0;
}

function installCompletion(context: CommandContext): number {
  const { options, output, root } = context;
  const script = renderCompletion('bash', root, effectiveOptions);
  if (options.flag('stdout')) {
    output.line(script.trimEnd());
    if (output.format !== 'text') output.document(JSON.stringify({ shell: 'bash', script }));
    return 0;
  }
  const path = writeNew(COMPLETION_FILE, script);
  const says =
    `The bash auto-completion script (${COMPLETION_FILE}) is installed in the current directory.\n` +
    'To enable command line completion of wsk commands, source the auto completion script into your bash environment';
  return report(context, { component: 'bashauto', path, says });
}

async function installArchive(context: CommandContext, component: 'docker' | 'ios'): Promise<number> {
  const { file, done, instead } = archives[component];
  const reply = await download(context.settings, `/${file}`);
  if (reply.status !== 200) {
    throw new CliError(
      `The ${component} SDK installation failed: the platform offers no ${file} (HTTP status code ${reply.status})`,
      { exitCode: exitCodeOfStatus(reply.status), hints: [instead] },
    );
  }
  const path = component === 'docker' ? unpackSkeleton(reply.bytes) : writeNew(file, reply.bytes);
  return report(context, { component, path, says: done });
}

/** `wsk sdk install`. */
export const installSdk: CommandRunner = (context) => {
  const written = context.arguments[0] ?? '';
  const component = components.find((name) => name === written.toLowerCase());
  switch (component) {
    case undefined:
      throw new CliError(
        `The SDK component argument '${written}' is invalid. Valid SDK components are docker, ios and bashauto.`,
        { usage: true, hints: didYouMean(written, components) },
      );
    case 'bashauto':
      return installCompletion(context);
    case 'docker':
    case 'ios':
      return installArchive(context, component);
    default:
      return component satisfies never;
  }
};
