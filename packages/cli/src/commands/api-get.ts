import { stringify } from 'yaml';
import { attempt, CliError } from '../cli-error.ts';
import { callApiGateway } from '../client/api-gateway.ts';
import { readApis } from '../client/api-answers.ts';
import type { CommandRunner } from '../command/description.ts';
import { exitCodes } from '../exit-codes.ts';
import { ok } from '../output/output.ts';
import { checkPath, parseVerb } from './api-arguments.ts';

/** `wsk api get`. */
export const getApi: CommandRunner = async (context) => {
  const { options, output, settings } = context;
  const [name = ''] = context.arguments;
  const format = (options.text('format') ?? 'json').toLowerCase();
  if (format !== 'json' && format !== 'yaml') {
    throw new CliError(`Invalid format type: ${options.text('format') ?? ''}`, {
      exitCode: exitCodes.general,
      hints: ['Formats: json, yaml.'],
    });
  }
  const json = await attempt(`Unable to get API '${name}'`, async () =>
    callApiGateway(await context.client(), settings, { action: 'getApi', query: { basepath: name } }),
  );
  const [api] = readApis(json);
  if (!api) {
    throw new CliError(`API does not exist for basepath ${name}`, {
      hints: ['See all APIs with: wsk api list'],
    });
  }
  const document = options.flag('full') ? api.json : api.document;
  if (format === 'yaml' && output.format === 'text') output.line(stringify(JSON.parse(document)));
  else output.document(document);
  return 0;
};

/** `wsk api delete`. */
export const deleteApi: CommandRunner = async (context) => {
  const { output, settings } = context;
  const [name = '', path, verb] = context.arguments;
  if (path !== undefined) checkPath(path);
  const operation = verb === undefined ? undefined : parseVerb(verb);
  const json = await attempt('Unable to delete API', async () =>
    callApiGateway(await context.client(), settings, {
      action: 'deleteApi',
      query: { basepath: name, relpath: path, operation },
    }),
  );
  if (path === undefined) output.line(ok, ` deleted API ${name}`);
  else if (operation === undefined) output.line(ok, ` deleted ${path} from ${name}`);
  else output.line(ok, ` deleted ${path} ${operation} from ${name}`);
  if (output.format !== 'text') output.document(json);
  return 0;
};
