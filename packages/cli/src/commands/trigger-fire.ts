import { attempt } from '../cli-error.ts';
import { activationId, expectSuccess } from '../client/read-reply.ts';
import { entityRoute } from '../client/whisk-client.ts';
import type { CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import { jsonObject } from '../values/json-text.ts';
import { namedEntity } from './entity-requests.ts';

/** `wsk trigger fire`. */
export const fireTrigger: CommandRunner = async (context) => {
  const { options, output } = context;
  const name = namedEntity(context, 'trigger');
  const reply = await attempt(`Unable to fire trigger '${name.entity}'`, async () => {
    const client = await context.client();
    const answer = await client.send({
      method: 'POST',
      route: entityRoute('triggers', name),
      body: jsonObject(options.entries('param') ?? []),
    });
    expectSuccess(answer);
    return answer;
  });
  const id = activationId(reply);
  output.line(ok, ' triggered /', bold(name.namespace), '/', bold(name.entity), ' with id ', bold(id));
  if (output.format !== 'text') output.document(reply.text || '{}');
  if (reply.status === 204 && output.interactive) {
    output.note(
      'No action was started: the trigger has no rule that is enabled. See them with: wsk rule list',
    );
  }
  return 0;
};
