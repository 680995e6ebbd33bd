import { attempt, usageError } from '../cli-error.ts';
import { callApiGateway } from '../client/api-gateway.ts';
import { readApi } from '../client/api-answers.ts';
import { expectJson } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { baseUrlText, requireApiHost, requireAuth } from '../config/settings.ts';
import { bold, ok } from '../output/output.ts';
import { jsonMembers, readKeyValues } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { checkPath, parseVerb, pathParameters } from './api-arguments.ts';
import { readApiFile } from './api-file.ts';

const HINT =
  'Specify a swagger file or specify an API base path with an API path, an API verb, and an action name.';

/** One endpoint as the command line says it. */
interface WrittenEndpoint {
  /** A base path, or the name of an API that exists. */
  readonly basePath: string;
  readonly path: string;
  readonly verb: string;
  readonly action: QualifiedName;
  readonly apiName: string | undefined;
}

function readEndpoint({ arguments: words, options, settings }: CommandContext): WrittenEndpoint {
  const [path = '', verb = '', name = ''] = words.slice(-3);
  const basePath = words.length > 3 ? (words[0] ?? '') : '/';
  if (pathParameters(basePath).length > 0) {
    throw usageError(
      `The base path '${basePath}' cannot have parameters. Only the relative path supports path parameters.`,
    );
  }
  checkPath(path);
  if (pathParameters(path).length > 0 && options.text('response-type') !== 'http') {
    throw usageError("A response type of 'http' is required when using path parameters.", [
      'The action gets the path in __ow_path, and answers with {statusCode, headers, body}: --response-type http',
    ]);
  }
  const method = parseVerb(verb);
  const action = parseQualifiedName(name, settings.namespace);
  const apiName = options.text('apiname');
  if (apiName !== undefined && !basePath.startsWith('/')) {
    throw usageError('An API name can only be specified once.');
  }
  return { basePath, path, verb: method, action, apiName };
}

/** The annotations of the action, which has to be a web action. */
async function fetchAnnotations(
  context: CommandContext,
  name: QualifiedName,
): Promise<ReadonlyMap<string, string>> {
  const full = `/${name.namespace}/${name.entity}`;
  const json = await attempt(`Unable to get action '${full}'`, async () => {
    const client = await context.client();
    const route = entityRoute('actions', name);
    return expectJson(await client.send({ method: 'GET', route, query: { code: false } }));
  });
  const annotations = readKeyValues(jsonMembers(json).get('annotations'));
  if (annotations.get('web-export') === 'true') return annotations;
  throw usageError(
    `Action '${full}' is not a web action. Issue 'wsk action update "${full}" --web true' to convert the action to a web action.`,
  );
}

function endpointBody(
  context: CommandContext,
  endpoint: WrittenEndpoint,
  annotations: ReadonlyMap<string, string>,
): string {
  const { settings } = context;
  const { action, apiName, basePath, path, verb } = endpoint;
  const [name = '', pkg = 'default'] = action.entity.split('/').toReversed();
  const host = baseUrlText(requireApiHost(settings));
  const parameters = pathParameters(path);
  const secureKey = annotations.get('require-whisk-auth');
  const apidoc = {
    namespace: settings.namespace,
    ...(apiName !== undefined && { apiName }),
    gatewayBasePath: basePath,
    gatewayPath: path,
    gatewayMethod: verb,
    ...(basePath.startsWith('/') && { id: `API:${settings.namespace}:${basePath}` }),
    ...(parameters.length > 0 && {
      pathParameters: parameters.map((parameter) => ({
        name: parameter,
        in: 'path',
        description: `Default description for '${parameter}'`,
        required: true,
        type: 'string',
      })),
    }),
    action: {
      name: action.entity,
      namespace: action.namespace,
      backendMethod: verb,
      backendUrl: `${host}/api/v1/web/${action.namespace}/${pkg}/${name}.http`,
      authkey: requireAuth(settings),
      // `true` asks for the caller's own key, which the gateway does not have.
      ...(secureKey !== undefined &&
        secureKey !== 'true' &&
        secureKey !== 'false' && { secureKey: JSON.parse(secureKey) as unknown }),
    },
  };
  return JSON.stringify({ apidoc });
}

async function createEndpoint(context: CommandContext): Promise<number> {
  const { options, output, settings } = context;
  const endpoint = readEndpoint(context);
  const annotations = await fetchAnnotations(context, endpoint.action);
  const json = await attempt('Unable to create API', async () =>
    callApiGateway(await context.client(), settings, {
      action: 'createApi',
      query: { responsetype: options.text('response-type') },
      body: endpointBody(context, endpoint, annotations),
    }),
  );
  const { action, path, verb } = endpoint;
  const { basePath, operations } = readApi(json);
  const url = operations.find((one) => one.path === path && one.verb === verb.toLowerCase())?.url ?? '';
  const full = basePath.replace(/\/$/, '') + path;
  output.line(ok, ` created API ${full} ${verb} for action `, bold(`/${action.namespace}/${action.entity}`));
  output.line(url);
  if (output.format !== 'text') output.document(json);
  return 0;
}

async function importFile(context: CommandContext, file: string): Promise<number> {
  const { options, output, settings } = context;
  const swagger = readApiFile(file);
  const json = await attempt('Unable to create API', async () =>
    callApiGateway(await context.client(), settings, {
      action: 'createApi',
      query: { responsetype: options.text('response-type') },
      body: JSON.stringify({ apidoc: { namespace: settings.namespace, swagger } }),
    }),
  );
  const { basePath, operations } = readApi(json);
  for (const { action, path, url, verb } of operations) {
    const full = `${basePath.replace(/\/$/, '')}${path} ${verb}`;
    if (action === '') output.line(ok, ` created API ${full}`);
    else output.line(ok, ` created API ${full} for action `, bold(action));
    output.line(url);
  }
  if (output.format !== 'text') output.document(json);
  return 0;
}

/** `wsk api create`. */
export const createApi: CommandRunner = async (context) => {
  const { arguments: words, options } = context;
  const file = options.text('config-file');
  if (words.length === 0 && file !== undefined) return importFile(context, file);
  if (words.length < 3) throw usageError(`Invalid argument(s). ${HINT}`);
  if (file !== undefined) {
    throw usageError('An API is created either from a file or from the command line, not from both.');
  }
  return createEndpoint(context);
};
