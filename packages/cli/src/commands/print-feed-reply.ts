import { activationId } from '../client/read-reply.ts';
import type { HttpReply } from '../client/send-request.ts';
import type { CommandContext } from '../command/description.ts';
import type { QualifiedName } from '../values/qualified-name.ts';
import { invokedLine, noteUnfinished } from './print-invocation.ts';

/** Prints what a feed answered, as an invocation of it would be. */
export function printFeedReply({ output }: CommandContext, feed: QualifiedName, reply: HttpReply): void {
  if (reply.status === 202) return noteUnfinished(output, feed, activationId(reply));
  output.line(...invokedLine(feed, activationId(reply)));
  if (output.format === 'text') output.document(reply.text);
}
