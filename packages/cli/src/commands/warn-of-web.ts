import { asCalled } from '../command/called-as.ts';
import type { CommandContext } from '../command/description.ts';
import { isJsonObject, jsonElements, jsonMembers } from '../values/json-text.ts';

/** Does the platform itself say that it serves no web actions? OpenWhisk's says nothing of the kind. */
async function lacksWebActions(context: CommandContext): Promise<boolean> {
  try {
    const client = await context.client();
    const { status, text } = await client.send({ method: 'GET', route: '' });
    if (status !== 200 || !isJsonObject(text)) return false;
    return jsonElements(jsonMembers(text).get('not_available') ?? '[]').includes('"web-actions"');
  } catch {
    // What was asked for has been done: that this cannot be told is no failure.
    return false;
  }
}

/** Tells on stderr where a web action is stored and its address leads nowhere. */
export async function warnOfWeb(context: CommandContext): Promise<void> {
  if (!(await lacksWebActions(context))) return;
  context.output.note(
    'warning: this platform stores the web flag, but does not serve web actions yet: their address answers 404. ',
    `Call the action with its key: ${asCalled('wsk action invoke NAME --result', context.environment)}`,
  );
}
