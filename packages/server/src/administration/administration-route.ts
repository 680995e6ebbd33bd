import { json } from '../http/answer.ts';
import { requireObject } from '../http/json-body.ts';
import { malformed } from '../http/request-error.ts';
import type { Call, OpenRoute } from '../http/route.ts';
import { ADMINISTRATION_PATH } from './administration-path.ts';
import { administer } from './administer.ts';
import type { AdministrationDeps } from './administer-users.ts';
import { admit } from './admit.ts';
import { operationSchema, type Operation } from './operation.ts';

export interface AdministrationRouteDeps extends AdministrationDeps {
  /**
   * What a caller must show (`Authorization: Bearer …`) where other users of the machine can connect, that is over
   * TCP. Absent: the listener is a socket that only its owner may open.
   */
  readonly token: string | undefined;
}

/** The checker is only loaded when somebody administers: it would make every start a tenth of a second longer. */
async function operationOf(call: Call): Promise<Operation> {
  const { Value } = await import('typebox/value');
  const body = requireObject(call.readJson());
  if (Value.Check(operationSchema, body)) return body;
  throw malformed('The body is not an operation of the administration.');
}

/** `POST /administration` carries out one operation; answers with lines to print and an exit code. */
export function administrationRoute(deps: AdministrationRouteDeps): OpenRoute {
  return {
    method: 'POST',
    path: ADMINISTRATION_PATH,
    access: 'trusted',
    handle: async (call) => {
      admit(call, deps.token);
      return json(200, await administer(deps, await operationOf(call)));
    },
  };
}
