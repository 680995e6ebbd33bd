import { CliError } from '../cli-error.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { DevSession, requireFolder } from '../dev/session.ts';
import { tailActivations } from '../dev/tail-activations.ts';
import { watchFolder } from '../dev/watch-folder.ts';

const NAMES_SHOWN = 5;

/** Deploys and says what went wrong; a mistake in code or manifest waits for the next save. */
async function deploy({ output }: CommandContext, session: DevSession): Promise<boolean> {
  try {
    await session.deploy();
    return true;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    output.note({ style: 'red', text: 'error:' }, ` ${error.message}`);
    for (const hint of error.hints) output.note(hint);
    return false;
  }
}

function named(files: readonly string[]): string {
  const more = files.length - NAMES_SHOWN;
  return [...files.slice(0, NAMES_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** Deploys again after each change, and says once how to call what is there, until the signal comes. */
async function redeploy(
  context: CommandContext,
  session: DevSession,
  given: { folder: string; signal: AbortSignal; known: string },
): Promise<void> {
  const { output } = context;
  let { known } = given;
  for await (const files of watchFolder(given.folder, context.clock, given.signal)) {
    output.note({ style: 'dim', text: `changed: ${named(files)}` });
    if (!(await deploy(context, session))) continue;
    const addresses = session.addresses().join('\n');
    if (addresses !== known) for (const line of session.addresses()) output.note(line);
    known = addresses;
  }
}

async function leave({ options, output }: CommandContext, session: DevSession): Promise<void> {
  if (session.entities.length === 0) return output.note('Stopped. Nothing is deployed.');
  if (!options.flag('rm'))
    return output.note(`Stopped. Still deployed: ${session.summary()}. (--rm deletes it at the end.)`);
  await session.remove();
  output.note('Stopped. Everything that was deployed is deleted.');
}

/** `wsk dev`. */
export const runDev: CommandRunner = async (context) => {
  const { output } = context;
  const folder = requireFolder(context.arguments[0] ?? '.');
  const signal = context.onInterrupt();
  const session = new DevSession(context, folder);
  // Without a platform there is nothing to wait for: a wrong host or key ends it.
  await (await context.client()).send({ method: 'GET', route: 'namespaces' });
  await deploy(context, session);
  for (const line of session.addresses()) output.note(line);
  output.note(`Watching ${folder === '.' ? 'this folder' : folder}. Ctrl-C stops.`);
  const known = session.addresses().join('\n');
  await Promise.all([
    redeploy(context, session, { folder, signal, known }),
    tailActivations(session.context, (name) => session.isOwn(name), signal),
  ]);
  await leave(context, session);
  return 0;
};
