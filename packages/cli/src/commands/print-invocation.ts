import type { HttpReply } from '../client/send-request.ts';
import { bold, ok, type Output, type Piece } from '../output/output.ts';
import { isJsonObject, jsonMembers } from '../values/json-text.ts';
import type { QualifiedName } from '../values/qualified-name.ts';

/** Of the record, else of the header: a result that is an array has no place for it. */
export function activationId(reply: HttpReply): string {
  const id = isJsonObject(reply.text) ? jsonMembers(reply.text).get('activationId') : undefined;
  if (id?.startsWith('"')) return JSON.parse(id) as string;
  const header = reply.headers['x-openwhisk-activation-id'];
  return typeof header === 'string' ? header : '';
}

/** `ok: invoked /_/hello with id …`, in pieces. */
export function invokedLine(name: QualifiedName, id: string): Piece[] {
  return [ok, ' invoked /', bold(name.namespace), '/', bold(name.entity), ' with id ', bold(id)];
}

/** What is said of a blocking invocation that goes on, on stderr. */
export function noteUnfinished(output: Output, name: QualifiedName, id: string): void {
  output.note(
    ok,
    ' invoked /',
    bold(name.namespace),
    '/',
    bold(name.entity),
    ', but the request has not yet finished, with id ',
    bold(id),
  );
  if (output.interactive) output.note(`It still runs. Its result, later: wsk activation result ${id}`);
}
