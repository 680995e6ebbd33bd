import { attempt, CliError } from '../cli-error.ts';
import { activationId, readReply, replyError } from '../client/read-reply.ts';
import type { HttpReply } from '../client/send-request.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { exitCodeOfStatus, exitCodes } from '../exit-codes.ts';
import { isJsonObject, jsonMembers, jsonObject } from '../values/json-text.ts';
import { parseQualifiedName, type QualifiedName } from '../values/qualified-name.ts';
import { invokedLine, noteUnfinished } from './print-invocation.ts';

function printUnfinished({ output }: CommandContext, name: QualifiedName, reply: HttpReply): number {
  if (output.format !== 'text') output.document(reply.text);
  noteUnfinished(output, name, activationId(reply));
  return exitCodes.unfinished;
}

/** What a failed function answered goes to stderr, so that nobody takes it for a result. */
function printApplicationError(
  { output, options }: CommandContext,
  name: QualifiedName,
  reply: HttpReply,
): number {
  const id = activationId(reply);
  if (output.format === 'text' && !options.flag('result')) output.note(...invokedLine(name, id));
  output.failure(reply.text);
  if (output.interactive && id !== '') output.note(`Its logs: wsk activation logs ${id}`);
  return exitCodeOfStatus(reply.status);
}

/** A platform's own failure comes as a record or result without a transaction id; its reason is worth reading. */
function platformError(name: QualifiedName, reply: HttpReply, message: string): CliError {
  const error = replyError(reply, `Unable to invoke action '${name.entity}': ${message}`);
  if (reply.status !== 500 || !isJsonObject(reply.text)) return error;
  const record = jsonMembers(reply.text);
  const response = record.get('response');
  const result = response === undefined ? reply.text : (jsonMembers(response).get('result') ?? '{}');
  const reason = isJsonObject(result) ? jsonMembers(result).get('error') : undefined;
  if (reason === undefined || record.has('code')) return error;
  return replyError(reply, error.message, [`The platform says: ${reason}`]);
}

function printReply(context: CommandContext, name: QualifiedName, reply: HttpReply): number {
  const { output, options } = context;
  const resultOnly = options.flag('result');
  const blocking = resultOnly || options.flag('blocking');
  const meaning = readReply(reply);
  if (meaning.type === 'applicationError' && blocking) return printApplicationError(context, name, reply);
  if (meaning.type !== 'ok') {
    throw platformError(name, reply, meaning.type === 'failed' ? meaning.message : reply.text);
  }
  if (blocking && reply.status === 202) return printUnfinished(context, name, reply);
  if (!resultOnly) output.line(...invokedLine(name, activationId(reply)));
  if (blocking || output.format !== 'text') output.document(reply.text);
  return exitCodes.success;
}

/** `wsk action invoke`. */
export const invokeAction: CommandRunner = async (context) => {
  const { options, settings } = context;
  const name = parseQualifiedName(context.arguments[0] ?? '', settings.namespace);
  const result = options.flag('result');
  const reply = await attempt(`Unable to invoke action '${name.entity}'`, async () => {
    const client = await context.client();
    return client.send({
      method: 'POST',
      route: entityRoute('actions', name),
      query: { blocking: result || options.flag('blocking'), result },
      body: jsonObject(options.entries('param') ?? []),
    });
  });
  return printReply(context, name, reply);
};
