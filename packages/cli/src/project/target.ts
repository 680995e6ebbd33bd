import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command/description.ts';
import { propertiesPath, readProperties } from '../config/properties-file.ts';
import { baseUrlText, DEFAULT_NAMESPACE, readSettings, type Settings } from '../config/settings.ts';
import { fetchNamespace } from './platform/fetch-deployed.ts';
import type { Target } from './manifest/read-project.ts';

function sameHost(left: string, right: string): boolean {
  return baseUrlText(left) === baseUrlText(right);
}

/**
 * Where a project goes: the command line says it first, then the deployment file, the manifest, and the
 * properties. A host that a file names does not get the key that the properties have for another host.
 */
function settingsFor({ options, environment }: CommandContext, target: Target): Settings {
  const properties = readProperties(options.text('config') ?? propertiesPath(environment));
  const settings = readSettings(options, properties);
  const apiHost = options.text('apihost') ?? target.apiHost ?? settings.apiHost;
  const auth = options.text('auth') ?? target.credential ?? settings.auth;
  const isStrange =
    options.text('apihost') === undefined &&
    target.apiHost !== undefined &&
    settings.apiHost !== undefined &&
    !sameHost(target.apiHost, settings.apiHost);
  if (isStrange && options.text('auth') === undefined && target.credential === undefined) {
    throw new CliError(
      `The project's files name the host ${target.apiHost}, and the configured key is for ${settings.apiHost}.`,
      {
        hints: [
          'So that a stranger’s manifest gets no key of yours, say which one to use: --auth UUID:KEY',
          'Or deploy to the configured host: --apihost HOST',
        ],
      },
    );
  }
  return {
    ...settings,
    ...(apiHost !== undefined && { apiHost }),
    ...(auth !== undefined && { auth }),
    namespace: DEFAULT_NAMESPACE,
  };
}

/** A command's context that talks to the project's platform, and the namespace there. */
export interface TargetContext {
  readonly context: CommandContext;
  readonly namespace: string;
}

/** Throws where the key is not of the namespace that was asked for: it would deploy to another one. */
export async function openTarget(context: CommandContext, target: Target): Promise<TargetContext> {
  const settings = settingsFor(context, target);
  const own: CommandContext = { ...context, settings, client: () => context.client(settings) };
  const namespace = await fetchNamespace(await own.client());
  const asked = (context.options.text('namespace') ?? target.namespace ?? '_').replace(/^\//, '');
  if (asked === '_' || asked === '' || asked === namespace) return { context: own, namespace };
  throw new CliError(`The key belongs to the namespace '${namespace}', and the project is for '${asked}'.`, {
    hints: [
      'Give the key of that namespace: --auth UUID:KEY',
      `Or leave the namespace out, to deploy to '${namespace}'.`,
    ],
  });
}
